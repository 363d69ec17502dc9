/** Problem details as the API describes them; extensions of a code may stand beside these. */
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../core/errors.js';

export const denied = z.object({
  object: z.string(),
  columns: z.array(z.string()).optional(),
  action: z.string(),
});

export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
  detail: z.string(),
  retryable: z.boolean(),
  instance: z.string().optional(),
  requestId: z.string().optional(),
  sqlState: z.string().optional(),
  position: z.object({ line: z.int(), column: z.int() }).optional(),
  decisionId: z.string().optional(),
  denied: z.array(denied).optional(),
  remedy: z.string().optional(),
});
