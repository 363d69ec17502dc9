/** Lineage of an expression that a plan holds as SQL text: it is parsed, the text that was sent is not trusted to be read. */
import { foldName } from '../../catalog/catalog.js';
import type { Expression, FunctionCall, SelectItem, WindowSpec } from '../../sql/ast.js';
import { parseStatement } from '../../sql/parse.js';
import { type Dependencies, direct, indirect, NOTHING, TRANSFORMATION, through, union } from '../flow.js';
import { callFlow, isChooser, isGenerator, isMasking } from '../functions.js';

/** Names as they are seen from where the expression stands. */
export interface Names {
  /** What a column comes from. */
  column(parts: readonly string[]): Dependencies;
  /** As `column`, where the name may be none of a column. */
  columnOrNothing(parts: readonly string[]): Dependencies;
  /** All columns, or those of `t.*`. */
  star(target: readonly string[]): Dependencies;
  /** Rows are made of these. */
  generates(from: Dependencies): void;
}

/** The item of `SELECT text`. */
export function textItem(text: string): SelectItem | undefined {
  const statement = parseStatement(`SELECT ${text}`, { parameters: 'none' });
  const select = statement.kind === 'query-statement' ? statement.query.body : undefined;
  return select?.kind === 'select' ? select.items[0] : undefined;
}

const CONDITIONAL = indirect('CONDITIONAL');
const WINDOW = indirect('WINDOW');

export const textDependencies = (expression: Expression, names: Names): Dependencies =>
  new TextWalk(names).of(expression);

class TextWalk {
  constructor(
    private readonly names: Names,
    /** Parameters of lambdas around. */
    private readonly bound: ReadonlySet<string> = new Set(),
  ) {}

  of(e: Expression): Dependencies {
    switch (e.kind) {
      case 'literal':
      case 'parameter':
        return NOTHING;
      case 'column': {
        const parts = e.name.map(({ name }) => name);
        return this.bound.has(foldName(parts[0] ?? '')) ? NOTHING : this.names.column(parts);
      }
      case 'call':
        return this.call(e);
      case 'case':
        return union([
          through(
            CONDITIONAL,
            this.many([
              ...(e.operand === undefined ? [] : [e.operand]),
              ...e.branches.map(({ when }) => when),
            ]),
          ),
          this.computed([
            ...e.branches.map(({ then }) => then),
            ...(e.otherwise === undefined ? [] : [e.otherwise]),
          ]),
        ]);
      case 'lambda': {
        const bound = new Set([...this.bound, ...e.parameters.map(({ name }) => foldName(name))]);
        return new TextWalk(this.names, bound).of(e.body);
      }
      default:
        return this.computed(operands(e));
    }
  }

  private call(call: FunctionCall): Dependencies {
    const name = foldName(call.name.at(-1)?.name ?? '');
    const count = call.args.length;
    const chosen = call.args.filter((_, place) => !isChooser(name, place, count));
    const choosing = call.args.filter((_, place) => isChooser(name, place, count));
    const star = call.star === undefined ? NOTHING : this.star(call.star.target.map((part) => part.name));
    const over = call.over?.kind === 'window-spec' ? call.over : undefined;
    const step = over === undefined ? callFlow(name) : direct('AGGREGATION', isMasking(name));
    const value = union([
      // In Spark a column of this name comes first.
      call.bare === true ? this.names.columnOrNothing([name]) : NOTHING,
      through(step, union([this.many(chosen), star])),
      through(CONDITIONAL, this.many([...choosing, ...(call.filter === undefined ? [] : [call.filter])])),
      through(indirect('SORT'), this.many((call.orderBy ?? []).map((item) => item.expression))),
      over === undefined ? NOTHING : this.window(over),
    ]);
    if (isGenerator(name)) this.names.generates(value);
    return value;
  }

  /** `count(*)` counts rows, whatever is in them. */
  private star(target: readonly string[]): Dependencies {
    return target.length === 0 ? NOTHING : this.names.star(target);
  }

  private window({ partitionBy, orderBy }: WindowSpec): Dependencies {
    return through(WINDOW, this.many([...partitionBy, ...orderBy.map((item) => item.expression)]));
  }

  private computed(list: readonly Expression[]): Dependencies {
    return through(TRANSFORMATION, this.many(list));
  }

  private many(list: readonly Expression[]): Dependencies {
    return union(list.map((each) => this.of(each)));
  }
}

type Plain = Exclude<
  Expression,
  { readonly kind: 'literal' | 'parameter' | 'column' | 'call' | 'case' | 'lambda' }
>;

function operands(e: Plain): readonly Expression[] {
  switch (e.kind) {
    case 'unary':
    case 'cast':
    case 'field':
      return [e.operand];
    case 'binary':
      return [e.left, e.right];
    case 'between':
      return [e.operand, e.low, e.high];
    case 'in-list':
      return [e.operand, ...e.items];
    case 'like':
      return [e.operand, e.pattern];
    case 'is':
      return e.other === undefined ? [e.operand] : [e.operand, e.other];
    case 'subscript':
      return [e.operand, e.index];
    case 'row':
      return e.items;
    case 'named-argument':
      return [e.value];
    case 'in-subquery':
    case 'exists':
    case 'scalar-subquery':
      throw new Error('a text in a plan holds a query');
  }
}
