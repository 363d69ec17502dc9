/** What was or would be decided, as statements, `explain` and `decisions` answer it; for the API's description. */
import { z } from 'zod';
import { ACTIONS } from '../../core/policy/decide.js';
import type { Action } from '../../core/policy/decision.js';
import { denied } from '../../http/problem-schema.js';

const object = z.string().describe('A table by its whole name.');
const column = z.string().describe('The name of the column.');
const policyVersion = z.int().describe('The version of all policies under which it was decided.');
const purpose = z.string().nullable().describe('The purpose that was stated.');
const notices = z
  .array(
    z.object({
      code: z.string().describe('For programs.'),
      text: z.string().describe('For people.'),
    }),
  )
  .describe('What the caller should know about the answer.');

const resources = z
  .object({
    group: z.string().describe('The resource group it runs in.'),
    rules: z.array(z.string()).describe('Rules that set its limits, as policy/rule.'),
    priority: z.int().describe('Who comes first when all wait: the higher.'),
    concurrency: z.int().nullable().describe('Statements of the group at once; null: no limit.'),
    queue: z.int().nullable().describe('Statements of the group that may wait; null: no limit.'),
    timeoutMs: z.int().describe('How long it may run.'),
    byteLimit: z.int().describe('How many bytes the result may have.'),
    rowLimit: z.int().describe('How many rows the result may have.'),
  })
  .describe('Limits under which it runs.');

export const governanceSchema = z
  .object({
    policyVersion,
    decisionId: z.string().describe('Names the decision in the audit log.'),
    objects: z.array(z.string()).describe('Tables that are read.'),
    filteredTables: z
      .array(
        z.object({
          object,
          rules: z.array(z.string()).describe('Row rules, as policy/rule.'),
        }),
      )
      .describe('Tables of which rules leave rows out.'),
    maskedColumns: z
      .array(
        z.object({
          object,
          column,
          mask: z.string().describe('The kind of mask.'),
          rule: z.string().describe('The rule that asks for it, as policy/rule.'),
        }),
      )
      .describe('Columns that are shown masked.'),
    purpose,
    notices,
    resources: resources.optional(),
    written: z
      .object({
        object,
        mode: z
          .enum(['create', 'replace', 'append', 'overwrite', 'drop', 'row-change', 'nothing'])
          .describe('What is done to it.'),
      })
      .optional()
      .describe('The table that a statement writes, and how.'),
  })
  .meta({ id: 'Governance', description: 'What was decided about a statement.' });

export const columnSchema = z
  .object({
    name: column,
    type: z.string().describe('Its type, as Spark SQL writes it.'),
    nullable: z.boolean().describe('Whether it may be NULL.'),
    masked: z.boolean().describe('Whether its values are masked for the caller.'),
    mask: z.string().nullable().describe('The kind of mask; null: none.'),
  })
  .meta({ id: 'ResultColumn', description: 'A column of a result.' });

const limit = z.int().optional();
const resourceLimits = z
  .object({
    group: z.string().describe('The resource group.'),
    priority: z.int().describe('Who comes first when all wait: the higher.'),
    concurrency: limit.describe('Statements of the group at once.'),
    queue: limit.describe('Statements of the group that may wait.'),
    timeMs: limit.describe('How long one may run.'),
    bytes: limit.describe('How many bytes a result may have.'),
    rows: limit.describe('How many rows a result may have.'),
    cores: limit.describe('Cores of a cluster.'),
    rules: z
      .array(
        z.object({
          policy: z.string().describe('The policy.'),
          rule: z.string().describe('The rule in it.'),
          version: z.int().describe('The version of the policy.'),
        }),
      )
      .describe('Rules that say so.'),
    policyVersion,
  })
  .meta({
    id: 'ResourceLimits',
    description: 'Limits of a principal on one engine; what is missing is not limited.',
  });
const engines = z
  .object({
    duckdb: resourceLimits.describe('On DuckDB.'),
    spark: resourceLimits.describe('On Spark.'),
  })
  .describe('Limits by engine.');

export const explainSchema = z
  .object({
    decision: z.enum(['allow', 'deny']).describe('Whether it would run.'),
    governance: governanceSchema,
    schema: z.array(columnSchema).describe('Columns of the result.'),
    tables: z
      .array(
        z.object({
          object,
          allowed: z.boolean().describe('Whether it may be read.'),
          filters: z
            .array(
              z.object({
                rule: z.string().describe('The rule, as policy/rule.'),
                mode: z.string().describe('permissive or restrictive.'),
                where: z.string().optional().describe('Its expression, for those with the explain action.'),
              }),
            )
            .describe('Row rules.'),
          masks: z
            .array(
              z.object({
                column,
                mask: z.unknown().describe('The mask as policies write it.'),
                rule: z.string().describe('The rule, as policy/rule.'),
              }),
            )
            .describe('Column masks.'),
        }),
      )
      .describe('Each table that is read.'),
    denied: z.array(denied).describe('What is missing.'),
    remedy: z.string().optional().describe('What may help.'),
    resources: engines,
    securedPlan: z.string().optional().describe('The rewritten plan, for those with the explain action.'),
    enginePlan: z.string().optional().describe("The engine's own plan, for those with the explain action."),
  })
  .meta({ id: 'Explanation', description: 'What would be decided about a statement, and why.' });

const actions = z.object(
  Object.fromEntries(
    ACTIONS.map((action) => [action, z.boolean().describe('Whether it is allowed.')]),
  ) as Record<Action, z.ZodBoolean>,
);
const decidedTable = z.object({
  object,
  actions: actions.describe('Each action.'),
  grants: z
    .array(
      z.object({
        policy: z.string().describe('The policy.'),
        rule: z.string().describe('The grant in it.'),
        version: z.int().describe('The version of the policy.'),
        effect: z.string().describe('allow or deny.'),
        action: z.enum(ACTIONS).describe('The action it is about.'),
      }),
    )
    .describe('Grants that decided.'),
  rows: z
    .array(
      z.object({
        rule: z.string().describe('The rule, as policy/rule.'),
        version: z.int().describe('The version of its policy.'),
        mode: z.string().describe('permissive or restrictive.'),
      }),
    )
    .describe('Row rules.'),
  noRows: z.boolean().describe('Whether the rules leave no row at all.'),
  columns: z
    .array(
      z.object({
        column,
        mask: z.string().describe('The kind of mask.'),
        predicate: z.enum(['allow', 'deny']).describe('Whether it may stand in conditions.'),
        rules: z.array(z.string()).describe('Rules that say so, as policy/rule.'),
      }),
    )
    .describe('Columns that are seen, each with its mask.'),
});
const decision = z
  .object({
    allowed: z.boolean().describe('Whether all objects may be read.'),
    policyVersion,
    purpose,
    denied: z.array(denied).describe('What is missing.'),
    remedy: z.string().nullable().describe('What may help.'),
    notices,
    validUntil: z.string().nullable().describe('When time alone would change it; null: never.'),
    tables: z.array(decidedTable).describe('Each object.'),
    resources: engines,
  })
  .meta({ id: 'Decision', description: 'What a principal may do with some objects.' });

export const decisionsSchema = z.object({
  items: z.array(decision).describe('One for each question, in their order.'),
});
