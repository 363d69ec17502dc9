/** What a route answers, for the description of the API: good answers with their shape, refusals by status alone. */
import { applyDecorators } from '@nestjs/common';
import { ApiResponse, type ApiResponseSchemaHost } from '@nestjs/swagger';
import type { z } from 'zod';
import { jsonSchema } from './json-schema.js';

export interface AnswerShape {
  readonly about: string;
  /** Undefined: nothing is sent. */
  readonly schema: z.ZodType | undefined;
  /** JSON when not given. */
  readonly type?: string;
  /** Types in which the same is said, as text or bytes. */
  readonly otherTypes?: readonly string[];
  readonly headers?: ApiResponseSchemaHost['headers'];
}

export function Answer(status: number, shape: AnswerShape): MethodDecorator {
  const { about, schema, type = 'application/json', otherTypes = [], headers } = shape;
  const others = Object.fromEntries(
    otherTypes.map((other) => [other, { schema: other === EVENTS ? EACH_EVENT : TEXT }]),
  );
  const said = schema === undefined || type === EVENTS ? EACH_EVENT : describe(schema);
  return ApiResponse({
    status,
    description: about,
    ...(headers === undefined ? {} : { headers }),
    ...(schema === undefined ? {} : { content: { [type]: { schema: said }, ...others } }),
  });
}

/** Statuses with which a route refuses beside those that any route may; their shape is added to all at once. */
export const Refuses = (...statuses: readonly number[]): MethodDecorator =>
  applyDecorators(...statuses.map((status) => ApiResponse({ status })));

type Answering<Name extends string> = (
  answers: Readonly<Record<number, Name>>,
  refusals?: readonly number[],
) => MethodDecorator;

/** A decorator for the routes of a room: which of its answers one gives at which status, and with what it refuses. */
export const answering =
  <Name extends string>(shapes: Readonly<Record<Name, AnswerShape>>): Answering<Name> =>
  (answers, refusals = []) =>
    applyDecorators(
      ...Object.entries<Name>(answers).map(([status, name]) => Answer(Number(status), shapes[name])),
      Refuses(...refusals),
    );

/** To be sent as If-Match. */
export const ETAG: AnswerShape['headers'] = {
  ETag: { description: 'The version, for If-Match.', required: true, schema: { type: 'string' } },
};

export const REMOVED: AnswerShape = { about: 'It is gone.', schema: undefined };

const TEXT = { type: 'string' };
const EVENTS = 'text/event-stream';
/** Of a stream readers judge one event at a time. */
const EACH_EVENT = { description: 'Server-sent events; `data` is JSON.' };

const describe = (schema: z.ZodType) => jsonSchema(schema, 'output') as ApiResponseSchemaHost['schema'];
