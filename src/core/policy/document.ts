/**
 * Policy documents: the shape people write, in YAML files and through the API. Unknown keys are refused; a
 * problem names its path and, in YAML, its line.
 */
import { z } from 'zod';
import { GovernanceError } from '../errors.js';
import { sizeText, timeText } from './quantity.js';

export const DOCUMENT_LENGTH_MAX_CHARS = 262_144;
const RULES_MAX = 1_000;
const RESOURCES_MAX = 100;
const SUBJECTS_MAX = 500;
const OBJECTS_MAX = 500;
const WHERE_LENGTH_MAX_CHARS = 4_000;

const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    'must be letters, digits, dot, dash and underscore, 100 at most',
  );
const subject = z
  .string()
  .regex(
    /^(all|(user|role|group):[^\s:|]([^|\n]{0,198}[^\s|])?)$/,
    'must be all, user:<name>, role:<name> or group:<name>',
  );
/** Names of a lake are what files are called: they may hold spaces, not at their ends. */
const part = '[^\\s.*]([^.*\\n\\r\\t]{0,198}[^\\s.*])?';
const tag = 'tag:[A-Za-z0-9_.-]{1,200}';
const catalog = `(?!tag:)${part}`;
const objectPattern = z
  .string()
  .regex(
    new RegExp(
      `^(${tag}|${catalog}(\\.\\*)?|${catalog}\\.${part}(\\.\\*)?|${catalog}\\.${part}\\.${part})$`,
      'u',
    ),
    'must be catalog, catalog.schema, catalog.schema.table, one of the first two with .*, or tag:<name>',
  );
/** A column is called what a file's header says: anything but a pattern. */
const columnPattern = z
  .string()
  .regex(
    new RegExp(`^(${tag}|${catalog}\\.${part}\\.${part}\\.(?!\\*$)[^\\n\\r]{1,200})$`, 'u'),
    'must be catalog.schema.table.column or tag:<name>',
  );
const subjects = z.array(subject).min(1).max(SUBJECTS_MAX);
const objects = z.array(objectPattern).min(1).max(OBJECTS_MAX);
const columns = z.array(columnPattern).min(1).max(OBJECTS_MAX);
const action = z.enum(['browse', 'read', 'write', 'explain', 'code', 'administer']);
const actions = z.array(action).min(1);

const MOMENT = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;
/** A day (its first moment, UTC) or an instant with its zone: nothing that depends on where Sluice runs. */
const moment = z
  .string()
  .refine((text) => {
    const day = MOMENT.exec(text)?.[1];
    if (day === undefined || Number.isNaN(Date.parse(text))) return false;
    return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
  }, 'must be a date, 2026-01-31, or a time with its zone, 2026-01-31T12:00:00Z')
  .meta({ pattern: MOMENT.source });
const valid = z
  .strictObject({ from: moment.optional(), until: moment.optional() })
  .refine(
    ({ from, until }) => from === undefined || until === undefined || Date.parse(from) < Date.parse(until),
    'must end after it starts',
  );

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
  .refine((g) => (g.allow === undefined) !== (g.deny === undefined), 'must have either allow or deny')
  .meta({ oneOf: [{ required: ['allow'] }, { required: ['deny'] }] });

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
const MASK_SHAPES =
  'must be clear, hide, "null" (in quotes), redact, email, year, month, day, or one of { constant: value }, { showFirst: n }, ' +
  '{ showLast: n }, { hash: { domain: name } }, { round: n }, { bucket: [n, ...] in ascending order }';
export const maskSchema = z.union(
  [
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
          'must be in ascending order',
        ),
    }),
  ],
  MASK_SHAPES,
);

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
  .refine((c) => c.mask !== undefined || c.predicate !== undefined, 'must have a mask or a predicate')
  .meta({ anyOf: [{ required: ['mask'] }, { required: ['predicate'] }] });

const purpose = z.strictObject({
  name: name.optional(),
  on: objects,
  require: z.array(z.string().min(1).max(100)).min(1).max(100),
});

const RESOURCE_LIMITS = ['concurrency', 'queue', 'priority', 'cores', 'time', 'bytes', 'rows'];
const limit = (max: number) => z.number().int().min(1).max(max);
const resourceGroup = z
  .strictObject({
    name,
    to: subjects,
    except: subjects.optional(),
    engines: z
      .array(z.enum(['duckdb', 'spark']))
      .min(1)
      .optional(),
    concurrency: limit(10_000).optional(),
    queue: z.number().int().min(0).max(100_000).optional(),
    priority: limit(100).optional(),
    cores: limit(100_000).optional(),
    time: timeText.optional(),
    bytes: sizeText.optional(),
    rows: limit(1e12).optional(),
    valid: valid.optional(),
  })
  .refine(
    ({ name: _, to, except, engines, valid: when, ...limits }) => Object.keys(limits).length > 0,
    'must limit something: concurrency, queue, priority, cores, time, bytes or rows',
  )
  .meta({ anyOf: RESOURCE_LIMITS.map((limit) => ({ required: [limit] })) });

export const policySchema = z.strictObject({
  kind: z.literal('policy'),
  name,
  description: z.string().max(2_000).optional(),
  /** Catalogs whose tables everyone may browse and read as long as no grant speaks of them. */
  open: z
    .array(z.string().regex(new RegExp(`^${catalog}$`, 'u'), 'must be the name of a catalog'))
    .max(OBJECTS_MAX)
    .optional(),
  grants: z.array(grant).max(RULES_MAX).default([]),
  rows: z.array(row).max(RULES_MAX).default([]),
  columns: z.array(column).max(RULES_MAX).default([]),
  purposes: z.array(purpose).max(RULES_MAX).default([]),
  resources: z.array(resourceGroup).max(RESOURCES_MAX).default([]),
  valid: valid.optional(),
});

export type PolicyDocument = z.infer<typeof policySchema>;
export type MaskDocument = z.infer<typeof maskSchema>;

export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly line?: number;
}
export type LineOf = (path: readonly PropertyKey[]) => number | undefined;
export const noLines: LineOf = () => undefined;

/** At most a screenful of problems is told. */
const PROBLEMS_MAX = 50;

export const policyInvalid = (
  problems: readonly Problem[],
  what = 'The policy document',
): GovernanceError => {
  const first = problems[0];
  const line = first?.line === undefined ? '' : ` (line ${first.line})`;
  const place = first === undefined ? '' : ` ${first.path || 'It'}${line} ${first.message}.`;
  return new GovernanceError('POLICY_INVALID', `${what} does not validate.${place}`, {
    problems: problems.slice(0, PROBLEMS_MAX),
    remedy: 'Correct the document; nothing was changed.',
  });
};

/** From an object (JSON body). Throws POLICY_INVALID, and nothing else, with every problem. */
export function parsePolicy(value: unknown, lineOf: LineOf = noLines): PolicyDocument {
  if (!isOfSize(value)) {
    throw policyInvalid([{ path: '', message: `is longer than ${DOCUMENT_LENGTH_MAX_CHARS} characters` }]);
  }
  const result = policySchema.safeParse(value);
  const problems = result.success ? duplicateNames(result.data) : result.error.issues.flatMap(problemsOf);
  if (!result.success || problems.length > 0) {
    throw policyInvalid(problems.slice(0, PROBLEMS_MAX).map((problem) => placed(problem, lineOf)));
  }
  return result.data;
}

/** Aliases of YAML may unfold to much more than was written, or to themselves. */
function isOfSize(value: unknown): boolean {
  try {
    return (JSON.stringify(value) ?? '').length <= DOCUMENT_LENGTH_MAX_CHARS;
  } catch {
    return false;
  }
}

interface Found {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export const placed = ({ path, message }: Found, lineOf: LineOf): Problem => {
  const line = lineOf(path);
  return { path: path.join('.'), message, ...(line === undefined ? {} : { line }) };
};

export function problemsOf(issue: z.core.$ZodIssue): readonly Found[] {
  const { path } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], message: 'is not a key that is known here' }));
    case 'invalid_type':
      return [
        {
          path,
          message: issue.message.endsWith('received undefined')
            ? 'is missing'
            : `must be of type ${issue.expected}`,
        },
      ];
    case 'invalid_value':
      return [
        {
          path,
          message: `must be ${issue.values
            .map(String)
            .join(', ')
            .replace(/, ([^,]*)$/, ' or $1')}`,
        },
      ];
    case 'invalid_union':
      return [{ path, message: issue.message }];
    case 'too_small':
      return [{ path, message: bound('at least', issue.origin, issue.minimum, issue.inclusive ?? true) }];
    case 'too_big':
      return [{ path, message: bound('at most', issue.origin, issue.maximum, issue.inclusive ?? true) }];
    default:
      return [{ path, message: issue.message }];
  }
}

function bound(
  side: 'at least' | 'at most',
  origin: string,
  limit: number | bigint,
  inclusive: boolean,
): string {
  if (origin === 'array') return `must have ${side} ${limit} items`;
  if (origin === 'string') return `must have ${side} ${limit} characters`;
  return inclusive
    ? `must be ${side} ${limit}`
    : `must be ${side === 'at least' ? 'more' : 'less'} than ${limit}`;
}

function duplicateNames(document: PolicyDocument): readonly Found[] {
  const seen = new Set<string>();
  const problems: Found[] = [];
  const lists = {
    grants: document.grants,
    rows: document.rows,
    columns: document.columns,
    purposes: document.purposes,
    resources: document.resources,
  };
  for (const [list, rules] of Object.entries(lists)) {
    rules.forEach((rule, i) => {
      if (rule.name === undefined) return;
      if (seen.has(rule.name))
        problems.push({ path: [list, i, 'name'], message: `is ${rule.name}, which is used twice` });
      seen.add(rule.name);
    });
  }
  return problems;
}
