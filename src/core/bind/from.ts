/** FROM: tables, CTEs, subqueries, VALUES, range() and joins, each with the names it is known by. */
import { foldName } from '../catalog/catalog.js';
import { GovernanceError } from '../errors.js';
import { commonType } from '../plan/coercion.js';
import type { Column, Expr, Plan, ProjectItem } from '../plan/plan.js';
import { outputColumns } from '../plan/traverse.js';
import type { QualifiedName } from '../sql/ast.js';
import type { AsOf, JoinRelation, Relation, RelationAlias } from '../sql/ast-relation.js';
import { type Binder, typeMismatch } from './context.js';
import { bindCondition, call, type ExprContext } from './expression.js';
import { implicitCast } from './literals.js';
import { bindPivot } from './pivot.js';
import { bindQueryIn, bindValues, renamed } from './query.js';
import { bindSample } from './sample.js';
import { type Binding, emptyScope, findHere, referTo, type Scope } from './scope.js';
import { bindLateralView, bindTableFunction } from './table-function.js';
import { bindUnpivot } from './unpivot.js';
import { versionOf } from './version.js';

export interface From {
  readonly plan: Plan;
  readonly visible: readonly Column[];
  readonly bindings: readonly Binding[];
}

export const scopeOf = (from: From, outer: Scope | undefined, ctes: Scope['ctes']): Scope => ({
  visible: from.visible,
  bindings: from.bindings,
  ctes,
  ...(outer === undefined ? {} : { outer }),
});

/** Comma-separated entries are cross joins; a LATERAL one sees those before it. */
export function bindFrom(
  relations: readonly Relation[],
  binder: Binder,
  outer: Scope | undefined,
  ctes: Scope['ctes'],
): From {
  const [first, ...rest] = relations;
  if (first === undefined) return { plan: { kind: 'one-row' }, visible: [], bindings: [] };
  let from = bindRelation(first, binder, outer, ctes, undefined);
  for (const relation of rest) {
    const right = bindRelation(relation, binder, outer, ctes, from);
    from = joined(from, right, {
      kind: 'join',
      type: isLateral(relation) ? 'inner' : 'cross',
      left: from.plan,
      right: right.plan,
      lateral: isLateral(relation),
    });
  }
  return from;
}

const isLateral = (relation: Relation): boolean => 'lateral' in relation && relation.lateral;

const joined = (left: From, right: From, plan: Plan): From => ({
  plan,
  visible: [...left.visible, ...right.visible],
  bindings: [...left.bindings, ...right.bindings],
});

export function bindRelation(
  relation: Relation,
  binder: Binder,
  outer: Scope | undefined,
  ctes: Scope['ctes'],
  before: From | undefined,
): From {
  switch (relation.kind) {
    case 'table': {
      const { plan, qualifier } = bindTableName(relation.name, binder, ctes, relation.asOf);
      return aliased(
        bindSample(plan, relation.sample, binder, ctes),
        outputColumns(plan),
        qualifier,
        relation.alias,
        relation.at,
      );
    }
    case 'subquery': {
      const visible = relation.lateral && before ? scopeOf(before, outer, ctes) : undefined;
      const { plan } = bindQueryIn(relation.query, binder, visible ?? outer, ctes);
      const some = bindSample(plan, relation.sample, binder, ctes);
      return aliased(some, outputColumns(plan), [], relation.alias, relation.at);
    }
    case 'values-relation': {
      const plan = bindValues(relation.rows, [], relation.at, binder, emptyScope(outer, ctes));
      return aliased(plan, outputColumns(plan), [], relation.alias, relation.at);
    }
    case 'table-function': {
      const scope = relation.lateral && before ? scopeOf(before, outer, ctes) : emptyScope(outer, ctes);
      const { plan, columns, name } = bindTableFunction(relation, binder, scope);
      return aliased(plan, columns, name, relation.alias, relation.at);
    }
    case 'lateral-view': {
      const input = bindRelation(relation.input, binder, outer, ctes, before);
      return bindLateralView(relation, input, binder, scopeOf(input, outer, ctes));
    }
    case 'parenthesised': {
      const whole = bindRelation(relation.relation, binder, outer, ctes, before);
      const inner = { ...whole, plan: bindSample(whole.plan, relation.sample, binder, ctes) };
      return relation.alias === undefined
        ? inner
        : aliased(inner.plan, inner.visible, [], relation.alias, relation.at);
    }
    case 'pivot': {
      const input = bindRelation(relation.input, binder, outer, ctes, before);
      return bindPivot(relation, input, binder, scopeOf(input, outer, ctes));
    }
    case 'unpivot': {
      const input = bindRelation(relation.input, binder, outer, ctes, before);
      return bindUnpivot(relation, input, binder, scopeOf(input, outer, ctes));
    }
    case 'join':
      return bindJoin(relation, binder, outer, ctes, before);
    case 'piped':
      if (before === undefined) throw new Error('nothing comes through the pipe');
      return { ...before, plan: bindSample(before.plan, relation.sample, binder, ctes) };
  }
}

/** An alias replaces every other name the entry was known by. */
function aliased(
  plan: Plan,
  columns: readonly Column[],
  qualifier: readonly string[],
  alias: RelationAlias | undefined,
  at: Relation['at'],
): From {
  const visible = renamed(columns, alias?.columns ?? [], at);
  const known = alias?.name === undefined ? qualifier : [foldName(alias.name.name)];
  return { plan, visible, bindings: known.length === 0 ? [] : [{ qualifier: known, columns: visible }] };
}

/** A CTE by its bare name first, then the catalogue. */
export function bindTableName(
  name: QualifiedName,
  binder: Binder,
  ctes: Scope['ctes'],
  asOf?: AsOf,
): { plan: Plan; qualifier: readonly string[] } {
  const [first] = name;
  const cte = name.length === 1 && first && asOf === undefined ? ctes.get(foldName(first.name)) : undefined;
  if (cte !== undefined && first) {
    const columns = cte.columns.map((column) => ({
      ...binder.column(column.name, column.type, column.nullable),
      source: column.id,
    }));
    return { plan: { kind: 'cte-ref', cte: cte.id, columns }, qualifier: [foldName(first.name)] };
  }
  const table = name.length <= 3 ? binder.context.resolveTable(name.map((part) => part.name)) : undefined;
  if (table === undefined) throw noTable(name);
  const plan = binder.leaf((leaf) => ({
    kind: 'scan',
    leaf,
    table: table.id,
    columns: table.columns.map((column) => ({
      ...binder.column(column.name, column.type, column.nullable),
      source: column.name,
    })),
    at: first?.at ?? { line: 1, column: 1 },
    ...(asOf === undefined ? {} : { asOf: versionOf(asOf, table) }),
  }));
  return { plan, qualifier: table.qualifier ?? table.id.split('.') };
}

/** The same words for a table that does not exist and one that is hidden. */
export const noTable = (name: QualifiedName): GovernanceError =>
  new GovernanceError(
    'TABLE_OR_VIEW_NOT_FOUND',
    `There is no table ${name.map((part) => part.name).join('.')}, or you may not know of it.`,
    {
      position: name[0]?.at ?? { line: 1, column: 1 },
      remedy: 'SHOW TABLES lists what you may browse.',
      sqlState: '42P01',
    },
  );

function bindJoin(
  relation: JoinRelation,
  binder: Binder,
  outer: Scope | undefined,
  ctes: Scope['ctes'],
  before: From | undefined,
): From {
  const left = bindRelation(relation.left, binder, outer, ctes, before);
  const right = bindRelation(relation.right, binder, outer, ctes, left);
  const both: From = joined(left, right, left.plan);
  const shared = sharedNames(relation, left, right);
  if (shared !== undefined) return bindUsing(relation, left, right, shared, binder);
  const context: ExprContext = {
    binder,
    scope: scopeOf(both, outer, ctes),
    clause: 'ON',
    aggregates: false,
    windows: false,
  };
  const on = relation.on && bindCondition(relation.on, context);
  const oneSided = relation.type === 'left-semi' || relation.type === 'left-anti';
  const plan: Plan = {
    kind: 'join',
    type: on === undefined && relation.type === 'inner' ? 'cross' : relation.type,
    left: left.plan,
    right: right.plan,
    lateral: isLateral(relation.right),
    ...(on === undefined ? {} : { on }),
  };
  if (oneSided) return { ...left, plan };
  return nullableSides({ ...both, plan }, relation.type, left, right);
}

/** Names of USING or NATURAL; undefined: neither. */
function sharedNames(relation: JoinRelation, left: From, right: From): readonly string[] | undefined {
  if (relation.using !== undefined) {
    for (const name of relation.using) {
      for (const side of [left, right]) {
        if (findHere({ ...side, ctes: new Map() }, [name]) === undefined) {
          throw new GovernanceError(
            'UNRESOLVED_COLUMN',
            `USING names ${name.name}, which is not on both sides.`,
            {
              position: name.at,
              remedy: 'Use ON.',
              sqlState: '42703',
            },
          );
        }
      }
    }
    return relation.using.map((name) => name.name);
  }
  if (!relation.natural) return undefined;
  const names = new Set(right.visible.map((column) => foldName(column.name)));
  return left.visible.map((column) => column.name).filter((name) => names.has(foldName(name)));
}

/** USING: the shared columns come first and once; of a FULL join whichever side has a value. */
function bindUsing(
  relation: JoinRelation,
  left: From,
  right: From,
  names: readonly string[],
  binder: Binder,
): From {
  const { at } = relation;
  const context: ExprContext = {
    binder,
    scope: emptyScope(undefined, new Map()),
    clause: 'USING',
    aggregates: false,
    windows: false,
  };
  const pick = (side: From, name: string): Column => {
    const column = findHere({ ...side, ctes: new Map() }, [{ name, quoted: true, at }])?.column;
    if (column === undefined) throw new Error('a USING column vanished');
    return column;
  };
  const pairs = names.map((name): SharedPair => ({ name, a: pick(left, name), b: pick(right, name) }));
  const conditions = pairs.map(({ a, b }) => call('=', [referTo(a), referTo(b)], at, context));
  const on = conditions.reduce<Expr | undefined>(
    (all, one) => (all ? call('and', [all, one], at, context) : one),
    undefined,
  );
  const join: Plan = {
    kind: 'join',
    type: on === undefined && relation.type === 'inner' ? 'cross' : relation.type,
    left: left.plan,
    right: right.plan,
    lateral: false,
    ...(on === undefined ? {} : { on }),
  };
  const usedIds = new Set(pairs.flatMap(({ a, b }) => [a.id, b.id]));
  const restOf = (side: From): readonly Column[] => side.visible.filter((column) => !usedIds.has(column.id));
  if (relation.type === 'left-semi' || relation.type === 'left-anti') {
    return { ...left, plan: join, visible: [...pairs.map(({ a }) => a), ...restOf(left)] };
  }
  const sides = nullableSides(joined(left, right, join), relation.type, left, right);
  if (relation.type !== 'full') {
    const keys = pairs.map(({ a, b }) => (relation.type === 'right' ? b : a));
    return {
      ...sides,
      visible: [
        ...keys,
        ...restOf({ ...left, visible: sides.visible.slice(0, left.visible.length) }),
        ...restOf({ ...right, visible: sides.visible.slice(left.visible.length) }),
      ],
    };
  }
  return fullUsing(sides, pairs, usedIds, context, at);
}

interface SharedPair {
  readonly name: string;
  readonly a: Column;
  readonly b: Column;
}

/** Of a FULL join the shared columns are computed: the value of the side that has one. */
function fullUsing(
  sides: From,
  pairs: readonly SharedPair[],
  usedIds: ReadonlySet<number>,
  context: ExprContext,
  at: JoinRelation['at'],
): From {
  const items: ProjectItem[] = pairs.map(({ name, a, b }) => {
    const type = commonType([a.type, b.type]);
    if (type === undefined) throw typeMismatch(`${name} has no common type on the two sides.`, at);
    const expr = call(
      'coalesce',
      [implicitCast(referTo(a), type), implicitCast(referTo(b), type)],
      at,
      context,
    );
    return { column: context.binder.column(name, type, true), expr };
  });
  const passed = outputColumns(sides.plan).map((column) => ({ column, expr: referTo(column) }));
  return {
    plan: { kind: 'project', input: sides.plan, items: [...items, ...passed] },
    visible: [
      ...items.map((item) => item.column),
      ...sides.visible.filter((column) => !usedIds.has(column.id)),
    ],
    bindings: sides.bindings,
  };
}

/** An outer join makes the columns of its other side nullable. */
function nullableSides(from: From, type: JoinRelation['type'], left: From, right: From): From {
  const ids = new Set<number>();
  if (type === 'right' || type === 'full') for (const column of outputColumns(left.plan)) ids.add(column.id);
  if (type === 'left' || type === 'full') for (const column of outputColumns(right.plan)) ids.add(column.id);
  if (ids.size === 0) return from;
  const loosen = (columns: readonly Column[]): readonly Column[] =>
    columns.map((column) => (ids.has(column.id) ? { ...column, nullable: true } : column));
  return {
    plan: from.plan,
    visible: loosen(from.visible),
    bindings: from.bindings.map((binding) => ({ ...binding, columns: loosen(binding.columns) })),
  };
}
