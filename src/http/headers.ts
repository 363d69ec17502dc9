/** Request headers that routes read, for the description of the API. */
import { ApiHeader } from '@nestjs/swagger';

export const IDEMPOTENCY_KEY_LENGTH_MAX = 255;

export const ReadsIdempotencyKey = (): MethodDecorator =>
  ApiHeader({
    name: 'Idempotency-Key',
    description: 'Of several requests with one key and body exactly one runs; the others get its answer.',
    required: false,
    schema: { type: 'string', minLength: 1, maxLength: IDEMPOTENCY_KEY_LENGTH_MAX },
  });

export const ReadsIfMatch = (): MethodDecorator =>
  ApiHeader({
    name: 'If-Match',
    description: 'The ETag that reading gave: refuse when it has changed since.',
    required: false,
    schema: { type: 'string' },
  });
