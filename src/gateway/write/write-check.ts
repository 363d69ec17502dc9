/**
 * WITH CHECK: the row rules that stand between the writer and the target stand over the rows to be written. The files
 * are made first and then read under these rules: what is counted is what the writer would see, by the same code that
 * secures every reading, and nothing can be evaluated too early.
 */
import { createHash } from 'node:crypto';
import type { CatalogSnapshot, TableMeta } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import type { BoundQuery, Column, Scan } from '../../core/plan/plan.js';
import { BIGINT } from '../../core/plan/types.js';
import type { TableDecision } from '../../core/policy/decision.js';
import { mayRaiseOverRestricted } from '../../core/rewrite/raising.js';
import { securePlan } from '../../core/rewrite/secure.js';
import type { Engine, RunOptions } from '../../engines/engine.js';
import { type BindScope, bindRowRule } from '../bind-context.js';

const CHECK_BYTES_MAX = 4_096;

export interface WriteCheck {
  readonly engine: Engine;
  readonly scope: BindScope;
  /** The table as the write leaves it, but for its files. */
  readonly after: TableMeta;
  /** On `after`. */
  readonly decision: TableDecision;
  /** Its files before; none where they are replaced. */
  readonly before: readonly string[];
}

/** Throws WRITE_CHECK_FAILED when one of `rowCount` rows in these files is not one that the writer may see. */
export async function requireRowsInSight(
  check: WriteCheck,
  files: readonly string[],
  rowCount: number,
  options: Omit<RunOptions, 'limits'> & { readonly limits: { readonly timeoutMs: number } },
): Promise<void> {
  if (check.decision.rows.kind === 'all') return;
  const { engine, scope, after, before } = check;
  const written = withFiles({ ...after, id: `${after.id} as written` }, files);
  // A rule that looks at the table itself sees it whole.
  const tables = new Map(scope.catalog.tables)
    .set(after.id, withFiles(after, [...before, ...files]))
    .set(written.id, written);
  const catalog: CatalogSnapshot = { version: `${scope.catalog.version} ${after.version}`, tables };
  const bound = countOf(written);
  const secured = securePlan({
    bound,
    decisions: new Map([[written.id, asReader(check.decision, written)]]),
    tables,
    bindRule: (rule, table, raw, ids) => bindRowRule({ ...scope, catalog }, rule, table, raw, ids),
  });
  const prepared = await engine.prepare({
    plan: secured.plan,
    output: bound.output,
    catalog,
    spool: mayRaiseOverRestricted(secured.plan),
  });
  const result = await engine.rows(prepared, {
    ...options,
    limits: { ...options.limits, byteLimit: CHECK_BYTES_MAX },
  });
  if ((await onlyNumber(result)) === rowCount) return;
  throw new GovernanceError(
    'WRITE_CHECK_FAILED',
    `A row to be written to ${after.id} is outside of the rows you may see.`,
    {
      decisionId: scope.decisionId,
      denied: [{ object: after.id, action: 'write' }],
      sqlState: '44000',
      remedy: `Write only rows that the row rules of ${after.id} let you see.`,
    },
  );
}

/** An engine remembers a table by its version: other files are another one. */
const withFiles = (table: TableMeta, files: readonly string[]): TableMeta => ({
  ...table,
  source: { format: 'parquet', files, partitions: [] },
  version: createHash('sha256')
    .update(JSON.stringify([table.version, ...files]))
    .digest('hex'),
});

/** Rules alone: nothing is shown, so nothing is masked. */
const asReader = (decision: TableDecision, { id }: TableMeta): TableDecision => ({
  ...decision,
  object: id,
  actions: { ...decision.actions, read: true },
  columns: decision.columns.map((column) => ({ ...column, mask: { kind: 'clear' } })),
});

function countOf(table: TableMeta): BoundQuery {
  const scan: Scan = {
    kind: 'scan',
    leaf: 1,
    table: table.id,
    columns: table.columns.map(({ name, type, nullable }, i) => ({
      id: i + 1,
      name,
      source: name,
      type,
      nullable,
    })),
  };
  const count: Column = { id: table.columns.length + 1, name: 'count', type: BIGINT, nullable: false };
  return {
    plan: {
      kind: 'aggregate',
      input: scan,
      keys: [],
      aggregates: [
        {
          column: count,
          expr: {
            kind: 'aggregate-call',
            fn: 'count',
            args: [],
            distinct: false,
            orderBy: [],
            type: BIGINT,
            nullable: false,
          },
        },
      ],
    },
    output: [count],
    leaves: [scan],
  };
}

async function onlyNumber(result: Awaited<ReturnType<Engine['rows']>>): Promise<number> {
  let text = '';
  for await (const { json } of result.batches()) text += json;
  const [[count]] = JSON.parse(`[${text}]`) as [[number]];
  return Number(count);
}
