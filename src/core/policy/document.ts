/**
 * Policy documents: the shape people write, in YAML files and through the API. Unknown keys are refused; a
 * problem names its path and, in YAML, its line.
 */
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { GovernanceError } from '../errors.js';

export const DOCUMENT_LENGTH_MAX_CHARS = 262_144;
const RULES_MAX = 1_000;
const SUBJECTS_MAX = 500;
const OBJECTS_MAX = 500;
const WHERE_LENGTH_MAX_CHARS = 4_000;

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'is letters, digits, dot, dash and underscore, 100 at most');
const subject = z
  .string()
  .regex(
    /^(all|(user|role|group):[^\s:|][^|\n]{0,199})$/,
    'is all, user:<name>, role:<name> or group:<name>',
  );
const part = '[^\\s.:|*]{1,200}';
const objectPattern = z
  .string()
  .regex(
    new RegExp(
      `^(tag:[A-Za-z0-9_.-]{1,200}|${part}(\\.\\*)?|${part}\\.${part}(\\.\\*)?|${part}\\.${part}\\.${part})$`,
      'u',
    ),
    'is a catalog, catalog.schema, catalog.schema.table, one of the first two with .*, or tag:<name>',
  );
const columnPattern = z
  .string()
  .regex(
    new RegExp(`^(tag:[A-Za-z0-9_.-]{1,200}|${part}\\.${part}\\.${part}\\.${part})$`, 'u'),
    'is catalog.schema.table.column or tag:<name>',
  );
const subjects = z.array(subject).min(1).max(SUBJECTS_MAX);
const objects = z.array(objectPattern).min(1).max(OBJECTS_MAX);
const columns = z.array(columnPattern).min(1).max(OBJECTS_MAX);
const action = z.enum(['browse', 'read', 'write', 'explain', 'code', 'administer']);
const actions = z.array(action).min(1);

/** A day (from its first moment, UTC) or an instant. YAML may hand a date over as such. */
const moment = z
  .union([z.string(), z.date().transform((date) => date.toISOString())])
  .refine(
    (text) => /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text)),
    'is a date or an ISO 8601 time',
  );
const valid = z.strictObject({ from: moment.optional(), until: moment.optional() });

const grant = z
  .strictObject({
    name: name.optional(),
    allow: actions.optional(),
    deny: actions.optional(),
    to: subjects,
    except: subjects.optional(),
    on: objects,
    valid: valid.optional(),
  })
  .refine((g) => (g.allow === undefined) !== (g.deny === undefined), 'has either allow or deny');

const row = z.strictObject({
  name,
  on: objects,
  to: subjects,
  except: subjects.optional(),
  mode: z.enum(['permissive', 'restrictive']).default('restrictive'),
  where: z.string().min(1).max(WHERE_LENGTH_MAX_CHARS),
  valid: valid.optional(),
});

const count = z.number().int().min(0).max(1000);
export const maskSchema = z.union([
  z.enum(['clear', 'hide', 'null', 'redact', 'email', 'year', 'month', 'day']),
  z.strictObject({ constant: z.union([z.string().max(1000), z.number(), z.boolean()]) }),
  z.strictObject({ showFirst: count }),
  z.strictObject({ showLast: count }),
  z.strictObject({ hash: z.strictObject({ domain: name }) }),
  z.strictObject({ round: z.number().positive() }),
  z.strictObject({
    bucket: z
      .array(z.number())
      .min(1)
      .max(100)
      .refine(
        (bounds) => bounds.every((bound, i) => i === 0 || bound > (bounds[i - 1] ?? bound)),
        'is in ascending order',
      ),
  }),
]);

const column = z
  .strictObject({
    name: name.optional(),
    on: columns,
    to: subjects,
    except: subjects.optional(),
    mask: maskSchema.optional(),
    predicate: z.enum(['allow', 'deny']).optional(),
    valid: valid.optional(),
  })
  .refine((c) => c.mask !== undefined || c.predicate !== undefined, 'has a mask or a predicate');

const purpose = z.strictObject({
  name: name.optional(),
  on: objects,
  require: z.array(z.string().min(1).max(100)).min(1).max(100),
});

export const policySchema = z.strictObject({
  kind: z.literal('policy'),
  name,
  description: z.string().max(2_000).optional(),
  /** Catalogs whose tables everyone may browse and read as long as no grant speaks of them. */
  open: z
    .array(z.string().regex(new RegExp(`^${part}$`, 'u')))
    .max(OBJECTS_MAX)
    .optional(),
  grants: z.array(grant).max(RULES_MAX).default([]),
  rows: z.array(row).max(RULES_MAX).default([]),
  columns: z.array(column).max(RULES_MAX).default([]),
  purposes: z.array(purpose).max(RULES_MAX).default([]),
  valid: valid.optional(),
});

export type PolicyDocument = z.infer<typeof policySchema>;
export type MaskDocument = z.infer<typeof maskSchema>;

export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly line?: number;
}

export const policyInvalid = (
  problems: readonly Problem[],
  what = 'The policy document',
): GovernanceError => {
  const first = problems[0];
  const place = first === undefined ? '' : ` ${first.path || 'It'} ${first.message}.`;
  return new GovernanceError('POLICY_INVALID', `${what} does not validate.${place}`, {
    problems,
    remedy: 'Correct the document; nothing was changed.',
  });
};

/** From an object (JSON body). Throws POLICY_INVALID with every problem. */
export function parsePolicy(
  value: unknown,
  lineOf: (path: readonly PropertyKey[]) => number | undefined = () => undefined,
): PolicyDocument {
  const result = policySchema.safeParse(value);
  if (!result.success) {
    throw policyInvalid(
      result.error.issues.map((issue) => {
        const line = lineOf(issue.path);
        return {
          path: issue.path.join('.'),
          message: issue.message,
          ...(line === undefined ? {} : { line }),
        };
      }),
    );
  }
  const twice = duplicateNames(result.data);
  if (twice.length > 0) throw policyInvalid(twice);
  return result.data;
}

/** From YAML text, one document. Aliases are bounded and custom tags refused. */
export function parsePolicyYaml(text: string): PolicyDocument {
  if (text.length > DOCUMENT_LENGTH_MAX_CHARS) {
    throw policyInvalid([{ path: '', message: `is longer than ${DOCUMENT_LENGTH_MAX_CHARS} characters` }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: 'core', uniqueKeys: true });
  if (document.errors.length > 0) {
    throw policyInvalid(
      document.errors.map((error) => ({
        path: '',
        message: error.message.split('\n')[0] ?? 'is not YAML',
        line: error.linePos?.[0].line ?? 1,
      })),
    );
  }
  return parsePolicy(document.toJS({ maxAliasCount: 100 }), (path) => {
    for (let n = path.length; n >= 0; n -= 1) {
      const node = document.getIn(path.slice(0, n), true) as { range?: [number, number, number] } | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return undefined;
  });
}

function duplicateNames(document: PolicyDocument): readonly Problem[] {
  const seen = new Set<string>();
  const problems: Problem[] = [];
  const lists = {
    grants: document.grants,
    rows: document.rows,
    columns: document.columns,
    purposes: document.purposes,
  };
  for (const [list, rules] of Object.entries(lists)) {
    rules.forEach((rule, i) => {
      if (rule.name === undefined) return;
      if (seen.has(rule.name))
        problems.push({ path: `${list}.${i}.name`, message: `${rule.name} is used twice` });
      seen.add(rule.name);
    });
  }
  return problems;
}
