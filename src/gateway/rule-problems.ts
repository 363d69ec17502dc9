/**
 * Tries a row rule over a table as it will be bound for a principal: what is wrong with it is said when it is
 * saved.
 */
import { bindCondition } from '../core/bind/bind.js';
import { type CatalogSnapshot, foldName, type TableMeta } from '../core/catalog/catalog.js';
import { GovernanceError } from '../core/errors.js';
import type { LiteralExpr } from '../core/plan/plan.js';
import { BOOLEAN, INT, STRING } from '../core/plan/types.js';
import type { RuleProblem } from '../core/policy/validate.js';
import { functionTable } from '../core/sql/functions/table.js';
import { parseExpression } from '../core/sql/parse.js';

type Value = LiteralExpr | readonly LiteralExpr[];
const TEXT: LiteralExpr = { kind: 'literal', type: STRING, nullable: false, value: 'x' };
/** What an attribute is, is known per person only: a rule is right when it fits one of these. */
const SAMPLES: readonly Value[] = [
  TEXT,
  [TEXT],
  { kind: 'literal', type: INT, nullable: false, value: 1n },
  { kind: 'literal', type: BOOLEAN, nullable: false, value: true },
];

export interface RuleAuthor {
  /** The names that `:principal.x` may use; a rule with another could never be applied to anyone. */
  readonly attributes: ReadonlySet<string>;
  /** Subqueries of a rule read raw values, by the right of whoever writes it. */
  readonly readsRaw: (table: TableMeta) => boolean;
}

export function ruleProblems(catalog: CatalogSnapshot, author: RuleAuthor): RuleProblem {
  const tried = SAMPLES.map((sample) => {
    const values = new Map<string, Value>([['principal.user', TEXT]]);
    for (const name of author.attributes) values.set(`principal.${name}`, sample);
    return values;
  });
  return (where, table) => {
    if (table === undefined) return problemOf(() => parseExpression(where, { parameters: 'policy' }));
    let problem: string | undefined;
    for (const values of tried) {
      const found = attempt(where, table, values, { catalog, ...author });
      if (found === undefined) return undefined;
      problem ??= found;
    }
    return problem;
  };
}

function attempt(
  where: string,
  table: TableMeta,
  named: ReadonlyMap<string, Value>,
  { catalog, readsRaw }: RuleAuthor & { readonly catalog: CatalogSnapshot },
): string | undefined {
  const columns = table.columns.map((column, i) => ({ ...column, id: i + 1, source: column.name }));
  let nextColumn = columns.length;
  let nextLeaf = 0;
  return problemOf(() =>
    bindCondition(parseExpression(where, { parameters: 'policy' }), columns, {
      functions: functionTable,
      parameters: { named, positional: [] },
      currentUser: 'someone',
      currentCatalog: table.catalog,
      currentSchema: table.schema,
      now: { timestamp: '2026-01-01 00:00:00.000000' },
      ids: {
        nextColumn: () => {
          nextColumn += 1;
          return nextColumn;
        },
        nextLeaf: () => {
          nextLeaf += 1;
          return nextLeaf;
        },
      },
      resolveTable: (parts) => {
        const padded = [table.catalog, table.schema].slice(0, Math.max(0, 3 - parts.length));
        const found = catalog.tables.get([...padded, ...parts].map(foldName).join('.'));
        if (found !== undefined && found.id !== table.id && !readsRaw(found))
          throw new GovernanceError('ACCESS_DENIED', `you do not read ${found.id} in clear, whole`);
        return found && { id: found.id, columns: found.columns };
      },
    }),
  );
}

function problemOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof GovernanceError)) throw error;
    if (error.code === 'PARAMETER_MISSING')
      return `${error.message.replace('The parameter', 'no principal has the attribute')}`;
    return error.message;
  }
}
