/** What stands in FROM as Spark SQL text. */
import type { Identifier } from './ast.js';
import type {
  AsOf,
  JoinRelation,
  JoinType,
  LateralView,
  NamedExpression,
  PivotRelation,
  Relation,
  RelationAlias,
  Sample,
  UnpivotRelation,
} from './ast-relation.js';
import { type PrintOptions, printExpression } from './print-expression.js';
import { printIdentifier, printName } from './print-literal.js';
import { printQuery, printRows } from './print-query.js';

export function printRelation(relation: Relation, o: PrintOptions): string {
  const lateral = 'lateral' in relation && relation.lateral ? 'LATERAL ' : '';
  switch (relation.kind) {
    case 'table':
      return (
        printName(relation.name) +
        printAsOf(relation.asOf, o) +
        printSample(relation.sample, o) +
        printAlias(relation.alias)
      );
    case 'subquery':
      return `${lateral}(${printQuery(relation.query, o)})${printSample(relation.sample, o)}${printAlias(relation.alias)}`;
    case 'values-relation':
      return `VALUES ${printRows(relation.rows, o)}${printAlias(relation.alias)}`;
    case 'table-function': {
      const args = relation.args.map((e) => printExpression(e, o)).join(', ');
      return `${lateral}${printName(relation.name)}(${args})${printAlias(relation.alias)}`;
    }
    case 'join':
      return printJoin(relation, o);
    case 'piped':
      return printSample(relation.sample, o);
    case 'pivot':
      return printPivot(relation, o);
    case 'unpivot':
      return printUnpivot(relation, o);
    case 'lateral-view':
      return printLateralView(relation, o);
    case 'parenthesised':
      return `(${printRelation(relation.relation, o)})${printSample(relation.sample, o)}${printAlias(relation.alias)}`;
  }
}

function printAsOf(asOf: AsOf | undefined, o: PrintOptions): string {
  if (asOf === undefined) return '';
  return asOf.kind === 'version'
    ? ` VERSION AS OF ${asOf.version}`
    : ` TIMESTAMP AS OF ${o.literal({ kind: 'literal', value: { type: 'string', value: asOf.text }, at: asOf.at })}`;
}

const JOIN_WORDS: Readonly<Record<JoinType, string>> = {
  inner: 'JOIN',
  cross: 'CROSS JOIN',
  left: 'LEFT JOIN',
  right: 'RIGHT JOIN',
  full: 'FULL JOIN',
  'left-semi': 'LEFT SEMI JOIN',
  'left-anti': 'LEFT ANTI JOIN',
};

function printJoin(join: JoinRelation, o: PrintOptions): string {
  const operator = `${join.natural ? 'NATURAL ' : ''}${JOIN_WORDS[join.type]}`;
  const on = join.on === undefined ? '' : ` ON ${printExpression(join.on, o)}`;
  const using = join.using === undefined ? '' : ` USING (${join.using.map(printIdentifier).join(', ')})`;
  return `${printRelation(join.left, o)} ${operator} ${printRelation(join.right, o)}${on}${using}`;
}

function printSample(sample: Sample | undefined, o: PrintOptions): string {
  if (sample === undefined) return '';
  const seed = sample.seed === undefined ? '' : ` REPEATABLE (${sample.seed})`;
  return ` TABLESAMPLE (${printPart(sample.part, o)})${seed}`;
}

function printPart(part: Sample['part'], o: PrintOptions): string {
  switch (part.kind) {
    case 'percent':
      return `${part.percent} PERCENT`;
    case 'rows':
      return `${printExpression(part.count, o)} ROWS`;
    case 'bucket':
      return `BUCKET ${part.bucket} OUT OF ${part.of}`;
  }
}

function printPivot(pivot: PivotRelation, o: PrintOptions): string {
  const listed = (items: readonly NamedExpression[]): string =>
    items.map(({ expression, alias }) => printExpression(expression, o) + named(alias)).join(', ');
  const columns = `(${pivot.columns.map(printIdentifier).join(', ')})`;
  const body = `${listed(pivot.aggregates)} FOR ${columns} IN (${listed(pivot.values)})`;
  return `${printRelation(pivot.input, o)} PIVOT (${body})${printAlias(pivot.alias)}`;
}

function printUnpivot(unpivot: UnpivotRelation, o: PrintOptions): string {
  const listed = (items: readonly string[]): string =>
    unpivot.several ? `(${items.join(', ')})` : items.join(', ');
  const sets = unpivot.sets.map(({ columns, alias }) => listed(columns.map(printName)) + named(alias));
  const nulls = unpivot.includeNulls ? 'INCLUDE NULLS ' : '';
  const values = listed(unpivot.values.map(printIdentifier));
  const body = `${values} FOR ${printIdentifier(unpivot.name)} IN (${sets.join(', ')})`;
  return `${printRelation(unpivot.input, o)} UNPIVOT ${nulls}(${body})${printAlias(unpivot.alias)}`;
}

const named = (alias: Identifier | undefined): string =>
  alias === undefined ? '' : ` AS ${printIdentifier(alias)}`;

function printLateralView(view: LateralView, o: PrintOptions): string {
  const args = view.args.map((e) => printExpression(e, o)).join(', ');
  const name = view.alias?.name === undefined ? '' : ` ${printIdentifier(view.alias.name)}`;
  const columns = view.alias?.columns ?? [];
  const named = columns.length === 0 ? '' : ` AS ${columns.map(printIdentifier).join(', ')}`;
  const outer = view.outer ? 'OUTER ' : '';
  return `${printRelation(view.input, o)} LATERAL VIEW ${outer}${printName(view.name)}(${args})${name}${named}`;
}

function printAlias(alias: RelationAlias | undefined): string {
  if (alias?.name === undefined) return '';
  const columns = alias.columns.length === 0 ? '' : `(${alias.columns.map(printIdentifier).join(', ')})`;
  return ` AS ${printIdentifier(alias.name)}${columns}`;
}
