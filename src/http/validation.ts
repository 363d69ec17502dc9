/** Bodies and queries that do not fit are refused with every problem and its path. */
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { GovernanceError } from '../core/errors.js';

const PROBLEMS_MAX = 50;

export const validationPipe = (): StandardSchemaValidationPipe =>
  new StandardSchemaValidationPipe({
    exceptionFactory: (issues) => {
      const problems = issues.slice(0, PROBLEMS_MAX).map((issue) => ({
        path: (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
        message: issue.message,
      }));
      const first = problems[0];
      return new GovernanceError(
        'BAD_REQUEST',
        `${first?.path || 'The body'}: ${first?.message ?? 'does not fit'}.`,
        {
          problems,
          remedy: 'Correct the request; /docs shows its shape.',
        },
      );
    },
  });
