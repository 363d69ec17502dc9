/** Problem details as the API describes them; extensions of a code may stand beside these. */
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../core/errors.js';

export const denied = z
  .object({
    object: z.string().describe('What it is about.'),
    columns: z.array(z.string()).optional().describe('Columns it is about.'),
    action: z.string().describe('The action that is missing.'),
  })
  .meta({ id: 'Denied', description: 'A right that is missing.' });

export const problemSchema = z
  .looseObject({
    type: z.string().describe('A URN that names the kind of problem.'),
    title: z.string().describe('The kind of problem, for people.'),
    status: z.int().describe('The HTTP status.'),
    code: z
      .enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]])
      .describe('The kind of problem, for programs: a closed list, never used again for something else.'),
    detail: z.string().describe('This problem, for people.'),
    retryable: z.boolean().describe('Whether the same request may succeed later.'),
    instance: z.string().optional().describe('The path that was asked.'),
    requestId: z.string().optional().describe('Names the request in the log of the gateway.'),
    sqlState: z.string().optional().describe('As SQL numbers it.'),
    position: z
      .object({
        line: z.int().describe('From 1.'),
        column: z.int().describe('From 1.'),
      })
      .optional()
      .describe('Where in the statement.'),
    decisionId: z.string().optional().describe('Names the decision in the audit log.'),
    denied: z.array(denied).optional().describe('Rights that are missing.'),
    remedy: z.string().optional().describe('What may help.'),
  })
  .meta({
    id: 'Problem',
    description: 'RFC 9457 problem details; extensions of a code may stand beside these.',
  });
