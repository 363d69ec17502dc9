/** Each kind of relation of a DataFrame plan: its columns, and what steers its rows. */
import { foldName } from '../../catalog/catalog.js';
import { columnNameParts } from '../../plan/connect/identifiers.js';
import { caseOf, expressionCase, type PlanMessage, textOf } from '../../plan/connect/message.js';
import { ML_HELPER, modelIn } from '../../plan/connect/ml.js';
import { type Dependencies, indirect, NOTHING, TRANSFORMATION, through, union } from '../flow.js';
import type { Made, PlanExpressions } from './expression.js';
import { allOf, type Frame, type FrameColumn, openFrame } from './frame.js';
import { joinFrame, lateralFrame, sideBySide } from './joins.js';
import type { PlanTracer } from './plan-tracer.js';
import { setOperationFrame } from './set-operations.js';
import { STATISTICS } from './statistics.js';

export type RelationHandler = (value: PlanMessage, tracer: PlanTracer) => Frame;

export function relationFrame(kind: string, value: PlanMessage, tracer: PlanTracer): Frame {
  const handler = Object.hasOwn(HANDLERS, kind) ? HANDLERS[kind] : undefined;
  // The closed world let it in, so it is a line that is missing here.
  if (handler === undefined) throw new Error(`the lineage of ${kind} is not known`);
  return handler(value, tracer);
}

const inputOf = (value: PlanMessage, tracer: PlanTracer): Frame =>
  tracer.relation(value.input as PlanMessage | undefined);
const list = (messages: unknown): readonly PlanMessage[] => (messages ?? []) as readonly PlanMessage[];

/** Rows come and go, columns stay. */
const sameColumns: RelationHandler = inputOf;

/** Rows the client has sent: of no table. */
const ownRows: RelationHandler = () => openFrame(NOTHING);

const HANDLERS: Readonly<Record<string, RelationHandler>> = {
  limit: sameColumns,
  offset: sameColumns,
  tail: sameColumns,
  sample: sameColumns,
  hint: sameColumns,
  repartition: sameColumns,
  collectMetrics: sameColumns,
  localRelation: ownRows,
  cachedLocalRelation: ownRows,
  chunkedCachedLocalRelation: ownRows,
  range: (_, t) => ({ columns: [t.column('id', NOTHING)], rest: undefined, below: NOTHING }),
  project: (value, t) => {
    // Without an input it is one row.
    const input =
      value.input === undefined ? { columns: [], rest: undefined, below: NOTHING } : inputOf(value, t);
    return { ...shown(list(value.expressions), t.over(input)), below: input.below };
  },
  filter: (value, t) => {
    const input = inputOf(value, t);
    t.steer('FILTER', t.over(input).of(value.condition as PlanMessage));
    return input;
  },
  sort: (value, t) => {
    const input = inputOf(value, t);
    t.steer('SORT', t.over(input).many(value.order));
    return input;
  },
  // Where a row is may show, in partition ids and in what comes first.
  repartitionByExpression: (value, t) => {
    const input = inputOf(value, t);
    t.steer('SORT', t.over(input).many(value.partitionExprs));
    return input;
  },
  subqueryAlias: (value, t) => {
    const input = inputOf(value, t);
    const qualifier = [...(value.qualifier as readonly string[]), textOf(value, 'alias')].map(foldName);
    return { ...input, columns: input.columns.map((each) => ({ ...each, qualifier })) };
  },
  withColumns: (value, t) => {
    const input = inputOf(value, t);
    const over = t.over(input);
    const made = list(value.aliases).flatMap((alias) =>
      (alias.name as readonly string[]).map((name) => t.column(name, over.of(alias.expr as PlanMessage))),
    );
    const byName = new Map(made.map((each) => [each.name, each]));
    const kept = input.columns.map((each) => byName.get(each.name) ?? each);
    const names = new Set(input.columns.map(({ name }) => name));
    return { ...input, columns: [...kept, ...made.filter(({ name }) => !names.has(name))] };
  },
  withColumnsRenamed: (value, t) => {
    const input = inputOf(value, t);
    const renames = new Map(
      [
        ...Object.entries((value.renameColumnsMap ?? {}) as Readonly<Record<string, string>>),
        ...list(value.renames).map((each) => [textOf(each, 'colName'), textOf(each, 'newColName')] as const),
      ].map(([from, to]) => [foldName(from), to]),
    );
    // What cannot be seen here may be what is renamed.
    const hidden = input.rest !== undefined || input.columns.some(({ name }) => name === undefined);
    if (hidden) return openFrame(allOf(input), input.below);
    return {
      ...input,
      columns: input.columns.map((each) => {
        const to = renames.get(each.name ?? '');
        return to === undefined ? each : t.column(to, each.from);
      }),
    };
  },
  toDf: (value, t) => {
    const input = inputOf(value, t);
    const names = value.columnNames as readonly string[];
    const placed = input.rest === undefined && input.columns.length === names.length;
    const any = placed ? NOTHING : t.anything([input]);
    return {
      ...input,
      columns: names.map((name, i) => t.column(name, placed ? (input.columns[i]?.from ?? NOTHING) : any)),
      rest: undefined,
    };
  },
  toSchema: (value, t) => {
    const input = inputOf(value, t);
    const names = structNames(value.schema as PlanMessage | undefined);
    if (names === undefined) return openFrame(through(TRANSFORMATION, allOf(input)), input.below);
    const over = t.over(input);
    const columns = names.map((name) => t.column(name, through(TRANSFORMATION, over.column([name]))));
    return { ...input, columns, rest: undefined };
  },
  drop: dropped,
  deduplicate: (value, t) => {
    const input = inputOf(value, t);
    const names = value.columnNames as readonly string[];
    const over = t.over(input);
    t.steer('GROUP_BY', names.length === 0 ? allOf(input) : union(names.map((name) => over.column([name]))));
    return input;
  },
  // What a model makes of a column comes from all that it was trained on as well.
  mlRelation: (value, t) => {
    const { case: kind, value: ml } = caseOf(value, 'mlType');
    const model = modelIn(value);
    const trained = model === undefined || model === ML_HELPER ? NOTHING : allOf(t.keptResult(model));
    if (kind === 'transform') {
      const input = inputOf(ml, t);
      return { ...input, rest: union([input.rest ?? NOTHING, allOf(input), trained]) };
    }
    const inputs = list(ml.methods)
      .flatMap((method) => list(method.args))
      .map((args) => caseOf(args, 'argsType'))
      .flatMap((arg) => (arg.case === 'input' ? [allOf(t.relation(arg.value))] : []));
    return openFrame(union([trained, ...inputs]));
  },
  // Rows that come too late are left out.
  withWatermark: (value, t) => {
    const input = inputOf(value, t);
    t.steer('FILTER', t.over(input).column(columnNameParts(textOf(value, 'eventTime'))));
    return input;
  },
  aggregate: aggregated,
  mapPartitions: coded,
  groupMap: coded,
  coGroupMap: coded,
  commonInlineUserDefinedTableFunction: codedTable,
  join: joinFrame,
  asOfJoin: (value, t) => {
    const joined = sideBySide(t.relation(value.left as PlanMessage), t.relation(value.right as PlanMessage));
    const over = t.over(joined);
    const conditions = [value.leftAsOf, value.rightAsOf, value.joinExpr, value.tolerance].filter(Boolean);
    const using = (value.usingColumns as readonly string[]).map((name) => over.column([name]));
    t.steer('JOIN', union([over.many(conditions), ...using]));
    return joined;
  },
  lateralJoin: lateralFrame,
  zip: (value, t) =>
    sideBySide(t.relation(value.left as PlanMessage), t.relation(value.right as PlanMessage)),
  setOp: setOperationFrame,
  unresolvedTableValuedFunction: (value, t) => {
    const from = through(TRANSFORMATION, t.over().many(value.arguments));
    t.steer('JOIN', from);
    return openFrame(from);
  },
  parse: (value, t) => {
    const input = inputOf(value, t);
    const from = through(TRANSFORMATION, allOf(input));
    const names = structNames(value.schema as PlanMessage | undefined);
    if (names === undefined) return openFrame(from, input.below);
    return { columns: names.map((name) => t.column(name, from)), rest: undefined, below: input.below };
  },
  unpivot: unpivoted,
  // Its values are names of columns, its columns are named by values.
  transpose: (value, t) => {
    const input = inputOf(value, t);
    t.steer('SORT', t.over(input).many(value.indexColumns));
    return openFrame(through(TRANSFORMATION, allOf(input)), input.below);
  },
  ...STATISTICS,
};

/** The columns of a select list. */
function shown(items: readonly PlanMessage[], over: PlanExpressions): Pick<Frame, 'columns' | 'rest'> {
  const made = items.map((item) => over.made(item));
  return { columns: made.flatMap(({ columns }) => columns), rest: restOf(made) };
}

function restOf(made: readonly Made[]): Dependencies | undefined {
  const rests = made.flatMap(({ rest }) => rest ?? []);
  return rests.length === 0 ? undefined : union(rests);
}

/** Code may make any row and any column of anything that it was given. */
function coded(value: PlanMessage, t: PlanTracer): Frame {
  const inputs = [value.input, value.other].filter(Boolean).map((each) => t.relation(each as PlanMessage));
  const from = t.anything(inputs);
  t.steer('FILTER', from);
  return openFrame(from);
}

/** As `coded`, of tables and of columns beside it that are its arguments. */
function codedTable(value: PlanMessage, t: PlanTracer): Frame {
  const over = t.over();
  const from = union([over.many(value.arguments), over.anything()]);
  t.steer('FILTER', from);
  return openFrame(from);
}

function dropped(value: PlanMessage, t: PlanTracer): Frame {
  const input = inputOf(value, t);
  const over = t.over(input);
  const gone = new Set<FrameColumn>();
  const names = new Set((value.columnNames as readonly string[]).map(foldName));
  for (const each of input.columns) if (each.name !== undefined && names.has(each.name)) gone.add(each);
  for (const expression of list(value.columns)) {
    const { case: kind, value: attribute } = expressionCase(expression);
    if (kind !== 'unresolvedAttribute') return openFrame(allOf(input), input.below);
    for (const each of over.meant(attribute)) gone.add(each);
  }
  // Several of them: which ones, Spark knows.
  const unsure =
    input.columns.some(({ name }) => name === undefined) ||
    gone.size > names.size + list(value.columns).length;
  if (unsure) return openFrame(allOf(input), input.below);
  return { ...input, columns: input.columns.filter((each) => !gone.has(each)) };
}

/** Columns of the groups come first; those of a pivot have values as their names. */
function aggregated(value: PlanMessage, t: PlanTracer): Frame {
  const input = inputOf(value, t);
  const over = t.over(input);
  const keys = shown(list(value.groupingExpressions), over);
  const sets = list(value.groupingSets).flatMap((set) => list(set.groupingSet));
  t.steer('GROUP_BY', union([over.many(value.groupingExpressions), over.many(sets)]));
  const aggregates = list(value.aggregateExpressions);
  const pivot = value.pivot as PlanMessage | undefined;
  if (pivot === undefined) {
    const values = shown(aggregates, over);
    const rests = [keys.rest, values.rest].flatMap((rest) => rest ?? []);
    return {
      columns: [...keys.columns, ...values.columns],
      rest: rests.length === 0 ? undefined : union(rests),
      below: input.below,
    };
  }
  const column = through(indirect('CONDITIONAL'), over.of(pivot.col as PlanMessage));
  const rest = union([over.many(aggregates), column, ...(keys.rest === undefined ? [] : [keys.rest])]);
  return { columns: keys.columns, rest, below: input.below };
}

function unpivoted(value: PlanMessage, t: PlanTracer): Frame {
  const input = inputOf(value, t);
  const over = t.over(input);
  const ids = shown(list(value.ids), over);
  const given = value.values as PlanMessage | undefined;
  const values = given === undefined ? input : shown(list(given.values), over);
  if (ids.rest !== undefined || values.rest !== undefined) return openFrame(allOf(input), input.below);
  return {
    columns: [
      ...ids.columns,
      t.column(textOf(value, 'variableColumnName'), NOTHING),
      t.column(
        textOf(value, 'valueColumnName'),
        through(TRANSFORMATION, union(values.columns.map((each) => each.from))),
      ),
    ],
    rest: undefined,
    below: input.below,
  };
}

/** Names of the fields of a type that is a struct. */
export function structNames(type: PlanMessage | undefined): readonly string[] | undefined {
  if (type === undefined) return undefined;
  const { case: kind, value } = caseOf(type, 'kind');
  return kind === 'struct' ? list(value.fields).map((field) => textOf(field, 'name')) : undefined;
}
