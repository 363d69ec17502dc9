/** What the value of an expression in a DataFrame plan depends on, and what columns it makes of a relation. */
import { foldName } from '../../catalog/catalog.js';
import { columnNameParts } from '../../plan/connect/identifiers.js';
import { expressionCase, type PlanMessage, textOf } from '../../plan/connect/message.js';
import { callsOf } from '../../plan/connect/session-functions.js';
import { type Dependencies, direct, indirect, NOTHING, TRANSFORMATION, through, union } from '../flow.js';
import { callFlow, isChooser, isGenerator, isMasking } from '../functions.js';
import { column, type Frame, type FrameColumn, lookUp, matches, ofTable } from './frame.js';
import type { PlanTracer } from './plan-tracer.js';
import { textDependencies, textItem } from './text-expression.js';

const CONDITIONAL = indirect('CONDITIONAL');
const WINDOW = indirect('WINDOW');

/** Columns that an item makes; `rest`: and others, of which only this is known. */
export interface Made {
  readonly columns: readonly FrameColumn[];
  readonly rest?: Dependencies;
}

/** Expressions over one relation, seen from inside those around. */
export class PlanExpressions {
  constructor(
    private readonly tracer: PlanTracer,
    /** Inner ones first. */
    private readonly frames: readonly Frame[],
  ) {}

  many(expressions: unknown): Dependencies {
    return union(((expressions ?? []) as readonly PlanMessage[]).map((each) => this.of(each)));
  }

  of(expression: PlanMessage | undefined): Dependencies {
    if (expression === undefined) return NOTHING;
    // Some fields hold a case of the oneof itself.
    if (expression.$typeName !== 'spark.connect.Expression') return this.byCase(undefined, expression);
    const { case: kind, value } = expressionCase(expression);
    return this.byCase(kind, value);
  }

  private byCase(kind: string | undefined, value: PlanMessage): Dependencies {
    switch (kind ?? CASES[value.$typeName]) {
      case 'literal':
      case 'unresolvedNamedLambdaVariable':
        return NOTHING;
      case 'unresolvedAttribute':
        return this.column(partsOf(value, 'unparsedIdentifier'), value.planId as bigint | undefined);
      case 'unresolvedFunction':
      case 'callFunction':
        return this.call(textOf(value, 'functionName'), (value.arguments ?? []) as readonly PlanMessage[]);
      case 'expressionString':
        return callsOf(value).length > 0 ? this.anything() : this.text(textOf(value, 'expression'));
      case 'unresolvedStar':
        return allOfMade(this.star(value));
      case 'alias':
        return this.of(value.expr as PlanMessage);
      case 'cast':
        return through(TRANSFORMATION, this.of(value.expr as PlanMessage));
      case 'sortOrder':
      case 'directShufflePartitionId':
        return this.of(value.child as PlanMessage);
      case 'lambdaFunction':
        return this.of(value.function as PlanMessage);
      case 'window':
        return this.window(value);
      case 'unresolvedExtractValue':
        return through(TRANSFORMATION, this.many([value.child, value.extraction]));
      case 'updateFields':
        return through(
          TRANSFORMATION,
          this.many([value.structExpression, value.valueExpression].filter(Boolean)),
        );
      case 'namedArgumentExpression':
        return this.of(value.value as PlanMessage);
      case 'subqueryExpression':
        return this.tracer.subquery(value, this.many(value.inSubqueryValues), this.frames);
      default:
        return this.anything();
    }
  }

  /** The columns of `select(expression)`. */
  made(expression: PlanMessage): Made {
    const { case: kind, value } = expressionCase(expression);
    switch (kind) {
      case 'unresolvedAttribute':
        return { columns: [this.attribute(value)] };
      case 'unresolvedStar':
        return this.star(value);
      case 'alias': {
        const from = this.of(value.expr as PlanMessage);
        return { columns: (value.name as readonly string[]).map((name) => column(name, from)) };
      }
      case 'cast': {
        const inner = expressionCase(value.expr as PlanMessage);
        const name =
          inner.case === 'unresolvedAttribute'
            ? partsOf(inner.value, 'unparsedIdentifier').at(-1)
            : undefined;
        return { columns: [column(name, this.of(expression))] };
      }
      case 'expressionString':
        return callsOf(value).length > 0
          ? this.madeByCode(value)
          : this.madeByText(textOf(value, 'expression'));
      case 'unresolvedRegex':
        return { columns: [], rest: this.anything() };
      case 'unresolvedFunction':
      case 'callFunction': {
        const from = this.of(expression);
        // How many columns it makes, its argument's type tells.
        return isGenerator(foldName(textOf(value, 'functionName')))
          ? { columns: [], rest: from }
          : { columns: [column(undefined, from)] };
      }
      default:
        return { columns: [column(undefined, this.of(expression))] };
    }
  }

  /** What a column comes from, by its name and the plan that it was taken from. */
  column(parts: readonly string[], planId?: bigint): Dependencies {
    if (planId !== undefined) {
      const taken = this.taken(parts, planId);
      return taken.length > 0 ? union(taken.map(({ from }) => from)) : this.anything();
    }
    return this.tracer.named(this.frames, parts);
  }

  /** Columns that an attribute may mean. */
  meant(attribute: PlanMessage): readonly FrameColumn[] {
    const parts = partsOf(attribute, 'unparsedIdentifier');
    const planId = attribute.planId as bigint | undefined;
    return planId === undefined ? matches(this.frames[0] ?? NO_FRAME, parts) : this.taken(parts, planId);
  }

  /** Columns of the relations around that were taken from the plan of this id. */
  private taken(parts: readonly string[], planId: bigint): readonly FrameColumn[] {
    const ids = new Set(
      this.tracer
        .framesOf(planId)
        .flatMap((frame) => matches(frame, parts).flatMap((found) => [...found.ids])),
    );
    return this.frames.flatMap(({ columns }) =>
      columns.filter((candidate) => [...candidate.ids].some((id) => ids.has(id))),
    );
  }

  /** A column that is shown as it is stays the same column. */
  private attribute(value: PlanMessage): FrameColumn {
    const parts = partsOf(value, 'unparsedIdentifier');
    const planId = value.planId as bigint | undefined;
    const found = this.meant(value);
    const [only] = found;
    if (found.length === 1 && only !== undefined && only.name === foldName(parts.at(-1) ?? '')) return only;
    return column(parts.at(-1), this.column(parts, planId));
  }

  private star(value: PlanMessage): Made {
    const frame = this.frames[0] ?? NO_FRAME;
    const target =
      value.unparsedTarget === undefined ? [] : columnNameParts(textOf(value, 'unparsedTarget').slice(0, -2));
    const planId = value.planId as bigint | undefined;
    if (planId !== undefined) {
      const frames = this.tracer.framesOf(planId);
      const ids = new Set(frames.flatMap(({ columns }) => columns.flatMap((each) => [...each.ids])));
      const taken = frame.columns.filter((each) => [...each.ids].some((id) => ids.has(id)));
      if (frame.rest !== undefined || taken.length === 0) return { columns: [], rest: this.anything() };
      return { columns: taken };
    }
    return this.starOf(frame, target);
  }

  private starOf(frame: Frame, target: readonly string[]): Made {
    const rest = frame.rest === undefined ? {} : { rest: frame.rest };
    if (target.length === 0) return { columns: frame.columns, ...rest };
    const columns = ofTable(frame, target);
    if (columns.length > 0) return { columns, ...rest };
    // Else they are the fields of a column.
    return { columns: [], rest: through(TRANSFORMATION, this.column(target)) };
  }

  private call(functionName: string, args: readonly PlanMessage[]): Dependencies {
    const name = foldName(functionName);
    const counted = name === 'count' && args.every(isPlainStar);
    const values = counted ? [] : args.filter((_, place) => !isChooser(name, place, args.length));
    const choosing = args.filter((_, place) => isChooser(name, place, args.length));
    const value = union([
      through(callFlow(name), this.many(values)),
      through(CONDITIONAL, this.many(choosing)),
    ]);
    if (isGenerator(name)) this.tracer.steer('JOIN', value);
    return value;
  }

  private window(value: PlanMessage): Dependencies {
    const inner = expressionCase(value.windowFunction as PlanMessage);
    const name = foldName(textOf(inner.value, 'functionName'));
    const step = direct('AGGREGATION', isMasking(name));
    return union([
      through(step, this.of(value.windowFunction as PlanMessage)),
      through(WINDOW, union([this.many(value.partitionSpec), this.many(value.orderSpec)])),
    ]);
  }

  private text(text: string): Dependencies {
    const item = textItem(text);
    if (item?.kind !== 'expression-item') return this.anything();
    return textDependencies(item.expression, this.names);
  }

  private madeByText(text: string): Made {
    const item = textItem(text);
    if (item === undefined) return { columns: [], rest: this.anything() };
    if (item.kind === 'star') {
      const made = this.starOf(
        this.frames[0] ?? NO_FRAME,
        item.target.map(({ name }) => name),
      );
      return item.except.length === 0 ? made : { columns: [], rest: allOfMade(made) };
    }
    const { expression, alias } = item;
    const from = textDependencies(expression, this.names);
    if (alias !== undefined) return { columns: [column(alias.name, from)] };
    if (expression.kind === 'column') {
      const parts = expression.name.map(({ name }) => name);
      const [only, ...others] = matches(this.frames[0] ?? NO_FRAME, parts);
      if (only !== undefined && others.length === 0 && only.name === foldName(parts.at(-1) ?? ''))
        return { columns: [only] };
      return { columns: [column(parts.at(-1), from)] };
    }
    if (expression.kind === 'call' && isGenerator(foldName(expression.name.at(-1)?.name ?? '')))
      return { columns: [], rest: from };
    return { columns: [column(undefined, from)] };
  }

  /** Code may carry anything that it is given. */
  private madeByCode(value: PlanMessage): Made {
    const item = textItem(textOf(value, 'expression'));
    const name = item?.kind === 'expression-item' ? item.alias?.name : undefined;
    return { columns: [column(name, this.anything())] };
  }

  private get names() {
    return {
      column: (parts: readonly string[]) => this.column(parts),
      columnOrNothing: (parts: readonly string[]) =>
        lookUp(this.frames, parts) ?? union(this.frames.map(({ rest }) => rest ?? NOTHING)),
      star: (target: readonly string[]) => allOfMade(this.starOf(this.frames[0] ?? NO_FRAME, target)),
      generates: (from: Dependencies) => this.tracer.steer('JOIN', from),
    };
  }

  /** Whatever may be meant by what is not known here. */
  anything(): Dependencies {
    return this.tracer.anything(this.frames);
  }
}

const allOfMade = ({ columns, rest }: Made): Dependencies =>
  union([...columns.map(({ from }) => from), rest ?? NOTHING]);

const NO_FRAME: Frame = { columns: [], rest: undefined, below: NOTHING };
/** Fields of messages that are typed by a case of an expression. */
const CASES: Readonly<Record<string, string>> = {
  'spark.connect.Expression.SortOrder': 'sortOrder',
  'spark.connect.Expression.Alias': 'alias',
  'spark.connect.Expression.Literal': 'literal',
};

const partsOf = (value: PlanMessage, field: string): readonly string[] =>
  columnNameParts(textOf(value, field));

const isPlainStar = (expression: PlanMessage): boolean => {
  const { case: kind, value } = expressionCase(expression);
  return kind === 'unresolvedStar' && value.unparsedTarget === undefined && value.planId === undefined;
};
