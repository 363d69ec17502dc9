/**
 * Tries a row rule over a table as it will be bound for a principal: what is wrong with it is said when it is
 * saved.
 */
import { bindCondition } from '../core/bind/bind.js';
import { type CatalogSnapshot, foldName } from '../core/catalog/catalog.js';
import { GovernanceError } from '../core/errors.js';
import type { LiteralExpr } from '../core/plan/plan.js';
import { STRING } from '../core/plan/types.js';
import type { RuleProblem } from '../core/policy/validate.js';
import { functionTable } from '../core/sql/functions/table.js';
import { parseExpression } from '../core/sql/parse.js';

/**
 * `attributes`: the names that `:principal.x` may use; a rule with another could never be applied to anyone.
 */
export function ruleProblems(catalog: CatalogSnapshot, attributes: ReadonlySet<string>): RuleProblem {
  const text: LiteralExpr = { kind: 'literal', type: STRING, nullable: false, value: 'x' };
  const named = new Map<string, LiteralExpr | readonly LiteralExpr[]>([['principal.user', text]]);
  // Whether an attribute is one value or many is known per person; a list stands in IN, a value anywhere.
  const asList = new Map(named);
  for (const name of attributes) {
    named.set(`principal.${name}`, text);
    asList.set(`principal.${name}`, [text]);
  }
  return (where, table) => {
    const attempts = [asList, named].map((values) => attempt(where, table, values, catalog));
    return attempts.includes(undefined) ? undefined : attempts[0];
  };
}

function attempt(
  where: string,
  table: Parameters<RuleProblem>[1],
  named: ReadonlyMap<string, LiteralExpr | readonly LiteralExpr[]>,
  catalog: CatalogSnapshot,
): string | undefined {
  const columns = table.columns.map((column, i) => ({ ...column, id: i + 1, source: column.name }));
  let nextColumn = columns.length;
  let nextLeaf = 0;
  try {
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
        return found && { id: found.id, columns: found.columns };
      },
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof GovernanceError)) throw error;
    if (error.code === 'PARAMETER_MISSING')
      return `${error.message.replace('The parameter', 'no principal has the attribute')}`;
    return error.message;
  }
}
