/**
 * Can something above the leaves of a DataFrame plan raise? An optimiser may bring a condition below a row rule, where it
 * meets the rows that the rule hides, and an error would tell of them. Row rules are fenced off then, and a scan can skip
 * nothing for the condition (engines/spark/fence.ts says the same of SQL, whose types are known).
 *
 * What stands above a leaf is not bound, so only what is plain from the text counts: kinds of relations that compute
 * nothing, and conditions whose columns have one type wherever their name is in the plan, compared within that type.
 * Anything else may raise.
 */
import { foldName } from '../../core/catalog/catalog.js';
import {
  expressionCase,
  kindOf,
  type MessageSchema,
  type PlanMessage,
  relationCase,
} from '../../core/plan/connect/message.js';
import type { DataType } from '../../core/plan/types.js';
import type { Expression } from '../../core/sql/ast.js';
import type { BoundPlan } from './bind-plan.js';
import { expressionTree } from './expression-tree.js';

/** Values that are compared with each other without a cast that can fail. */
type Kin = 'number' | 'string' | 'boolean' | 'date' | 'timestamp' | 'timestamp_ntz';
type Kins = ReadonlyMap<string, Kin | undefined>;

/** Of a whole that has 38: a decimal of so many digits on each side meets any integer, and any of its own kind. */
const DECIMAL_WHOLE_MAX = 20;
const DECIMAL_SCALE_MAX = 18;
const NUMBERS = new Set('tinyint smallint int bigint float double'.split(' '));
const NAMED_KINDS = new Set<string>(['string', 'boolean', 'date', 'timestamp', 'timestamp_ntz']);
const COMPARISONS = new Set(['=', '<=>', '<>', '<', '<=', '>', '>=']);
const AGGREGATES = new Set(['count', 'min', 'max', 'any_value']);
/** They hand rows on as they are. */
const PASSING = new Set('limit offset tail showString htmlString subqueryAlias repartition'.split(' '));
/** `GROUP_TYPE_GROUPBY` */
const GROUP_BY = 1;
/** Names that Spark makes up of an expression never look like this. */
const PLAIN_NAME = /^[A-Za-z_]\w*$/;

/** `plan`: the caller's own. False: nothing in it can raise but what stands in its leaves. */
export function mayRaiseAbove(plan: PlanMessage, schema: MessageSchema, { leaves }: BoundPlan): boolean {
  const columns = [...leaves.values()].flatMap(({ bound }) => bound.output);
  const kins = new Map<string, Kin | undefined>();
  for (const { name, type } of columns) {
    const key = foldName(name);
    kins.set(key, kins.has(key) && kins.get(key) !== kinOf(type) ? undefined : kinOf(type));
  }
  for (const name of aliases(plan, schema)) kins.set(foldName(name), undefined);
  return !new Calm(kins).relation(plan);
}

function kinOf(type: DataType): Kin | undefined {
  if (NUMBERS.has(type.kind)) return 'number';
  if (NAMED_KINDS.has(type.kind)) return type.kind as Kin;
  if (type.kind !== 'decimal') return undefined;
  const fits = type.precision - type.scale <= DECIMAL_WHOLE_MAX && type.scale <= DECIMAL_SCALE_MAX;
  return fits ? 'number' : undefined;
}

/** What columns are called above the leaves. */
function aliases(message: PlanMessage, schema: MessageSchema): readonly string[] {
  const inner = schema.children(message).flatMap((child) => aliases(child, schema));
  if (kindOf(message) !== 'Expression' || expressionCase(message).case !== 'alias') return inner;
  return [...(expressionCase(message).value.name as readonly string[]), ...inner];
}

const listOf = (message: PlanMessage, field: string): readonly PlanMessage[] =>
  (message[field] as readonly PlanMessage[] | undefined) ?? [];

/** Each method: true only for what is known never to raise. */
class Calm {
  constructor(private readonly kins: Kins) {}

  relation(message: PlanMessage): boolean {
    if (kindOf(message) !== 'Relation') return false;
    const { case: kind, value } = relationCase(message);
    if (kind === 'read' || kind === 'sql') return true;
    if (kind === 'join') return this.join(value);
    return this.own(kind, value) && this.relation(value.input as PlanMessage);
  }

  private own(kind: string, value: PlanMessage): boolean {
    if (PASSING.has(kind)) return true;
    switch (kind) {
      case 'filter':
        return this.condition(value.condition as PlanMessage);
      case 'project':
        return listOf(value, 'expressions').every((item) => this.item(item));
      case 'drop':
        return listOf(value, 'columns').every(isColumn);
      case 'deduplicate':
        return true;
      case 'sort':
        return listOf(value, 'order').every((order) => isColumn(order.child as PlanMessage));
      case 'aggregate':
        return this.aggregate(value);
      default:
        return false;
    }
  }

  private join(value: PlanMessage): boolean {
    const { joinCondition, usingColumns } = value;
    return (
      // Columns of one name may have two types.
      ((usingColumns as readonly string[] | undefined) ?? []).length === 0 &&
      (joinCondition === undefined || this.condition(joinCondition as PlanMessage)) &&
      this.relation(value.left as PlanMessage) &&
      this.relation(value.right as PlanMessage)
    );
  }

  private aggregate(value: PlanMessage): boolean {
    return (
      value.groupType === GROUP_BY &&
      value.pivot === undefined &&
      listOf(value, 'groupingSets').length === 0 &&
      listOf(value, 'groupingExpressions').every(isColumn) &&
      listOf(value, 'aggregateExpressions').every((item) => isColumn(item) || isAggregate(tree(item)))
    );
  }

  /** A column as it is, or something with a name of its own. */
  private item(expression: PlanMessage): boolean {
    const { case: kind } = expressionCase(expression);
    if (kind === 'unresolvedStar' || isColumn(expression)) return true;
    return kind === 'alias' && this.value(tree(expression));
  }

  private condition(expression: PlanMessage): boolean {
    return this.test(tree(expression));
  }

  private value(expression: Expression | undefined): boolean {
    return expression?.kind === 'column' || expression?.kind === 'literal' || this.test(expression);
  }

  /** True or false for every row. */
  private test(expression: Expression | undefined): boolean {
    switch (expression?.kind) {
      case 'binary':
        if (expression.operator === 'and' || expression.operator === 'or')
          return this.test(expression.left) && this.test(expression.right);
        return COMPARISONS.has(expression.operator) && this.kindred(expression.left, expression.right);
      case 'between':
        return this.kindred(expression.operand, expression.low, expression.high);
      case 'in-list':
        return this.kindred(expression.operand, ...expression.items);
      case 'unary':
        return expression.operator === 'not' && this.test(expression.operand);
      case 'is':
        return expression.test === 'null' && this.value(expression.operand);
      case 'call':
        return isNullTest(expression.name) && expression.args.every((arg) => this.value(arg));
      default:
        return expression !== undefined && this.kin(expression) === 'boolean';
    }
  }

  private kindred(first: Expression, ...rest: readonly Expression[]): boolean {
    const kin = this.kin(first);
    return kin !== undefined && rest.every((other) => this.kin(other) === kin);
  }

  private kin(expression: Expression): Kin | undefined {
    if (expression.kind === 'column')
      return this.kinOfColumn(expression.name.map(({ name }) => foldName(name)));
    if (expression.kind === 'unary' && expression.operator === '-')
      return expression.operand.kind === 'literal' ? this.kin(expression.operand) : undefined;
    if (expression.kind !== 'literal') return undefined;
    const { value } = expression;
    if (value.type === 'number') return isShort(value) ? 'number' : undefined;
    return NAMED_KINDS.has(value.type) ? (value.type as Kin) : undefined;
  }

  /** `a.b` may be a field of a column `a`. */
  private kinOfColumn(parts: readonly string[]): Kin | undefined {
    const name = parts.at(-1) ?? '';
    if (!PLAIN_NAME.test(name) || parts.slice(0, -1).some((part) => this.kins.has(part))) return undefined;
    return this.kins.get(name);
  }
}

/** With decimals of this length, others still meet in one of 38 digits. */
const isShort = ({ as, text }: { readonly as: string; readonly text: string }): boolean =>
  as !== 'decimal' || (text.length <= DECIMAL_SCALE_MAX && /^[\d.]+$/.test(text));

const isColumn = (expression: PlanMessage): boolean =>
  expressionCase(expression).case === 'unresolvedAttribute' || tree(expression)?.kind === 'column';

const isNullTest = (name: Extract<Expression, { kind: 'call' }>['name']): boolean =>
  name.length === 1 && (name[0]?.name === 'isnull' || name[0]?.name === 'isnotnull');

function isAggregate(expression: Expression | undefined): boolean {
  if (expression?.kind !== 'call' || expression.over !== undefined || expression.filter !== undefined)
    return false;
  const [name, ...more] = expression.name;
  return (
    more.length === 0 &&
    AGGREGATES.has(name?.name ?? '') &&
    expression.args.every(({ kind }) => kind === 'column' || kind === 'literal')
  );
}

/** Undefined for what SQL here has no word for. */
function tree(expression: PlanMessage): Expression | undefined {
  try {
    return expressionTree(expression, () => '');
  } catch {
    return undefined;
  }
}
