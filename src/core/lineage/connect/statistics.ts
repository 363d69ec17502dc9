/** What a DataFrame plan shows of its input in another shape: text, statistics, values put in for others. */
import type { PlanMessage } from '../../plan/connect/message.js';
import { textOf } from '../../plan/connect/message.js';
import { type Dependencies, direct, NOTHING, TRANSFORMATION, through, union } from '../flow.js';
import { allOf, type Frame, type FrameColumn, matches } from './frame.js';
import type { PlanTracer } from './plan-tracer.js';

type Handler = (value: PlanMessage, tracer: PlanTracer) => Frame;

const AGGREGATION = direct('AGGREGATION');
const COUNT = direct('AGGREGATION', true);

const inputOf = (value: PlanMessage, t: PlanTracer): Frame => t.relation(value.input as PlanMessage);
const namesOf = (value: PlanMessage): readonly string[] => (value.cols ?? []) as readonly string[];

function named(input: Frame, t: PlanTracer, names: readonly string[]): Dependencies {
  if (names.length === 0) return allOf(input);
  return union(names.map((name) => t.over(input).column([name])));
}

const one = (input: Frame, t: PlanTracer, name: string, from: Dependencies): Frame => ({
  columns: [t.column(name, from)],
  rest: undefined,
  below: input.below,
});

/** A table of all rows in one value. */
const asText =
  (name: string): Handler =>
  (value, t) => {
    const input = inputOf(value, t);
    return one(input, t, name, through(TRANSFORMATION, allOf(input)));
  };

/** One number of two columns. */
const ofTwo =
  (name: string): Handler =>
  (value, t) => {
    const input = inputOf(value, t);
    const from = named(input, t, [textOf(value, 'col1'), textOf(value, 'col2')]);
    return one(input, t, name, through(AGGREGATION, from));
  };

/** Values in columns of these names, or in all, may be others afterwards. */
const changed: Handler = (value, t) => {
  const input = inputOf(value, t);
  const names = namesOf(value);
  const meant = names.length === 0 ? input.columns : names.flatMap((name) => matches(input, [name]));
  const change = (each: FrameColumn): FrameColumn =>
    meant.includes(each) || each.name === undefined
      ? { ...t.column(each.name, through(TRANSFORMATION, each.from)), qualifier: each.qualifier }
      : each;
  return { ...input, columns: input.columns.map(change) };
};

/** Which columns are numbers or texts, and so described, only their types tell. */
const described: Handler = (value, t) => {
  const input = inputOf(value, t);
  const names = namesOf(value);
  const summary = t.column('summary', NOTHING);
  if (names.length > 0) {
    const columns = names.map((name) => t.column(name, through(AGGREGATION, t.over(input).column([name]))));
    return { columns: [summary, ...columns], rest: undefined, below: input.below };
  }
  const columns = input.columns.map((each) => t.column(each.name, through(AGGREGATION, each.from)));
  return {
    columns: [summary, ...columns],
    rest: through(AGGREGATION, input.rest ?? NOTHING),
    below: input.below,
  };
};

export const STATISTICS: Readonly<Record<string, Handler>> = {
  showString: asText('show_string'),
  htmlString: asText('html_string'),
  summary: described,
  describe: described,
  cov: ofTwo('cov'),
  corr: ofTwo('corr'),
  approxQuantile: (value, t) => {
    const input = inputOf(value, t);
    return one(input, t, 'approx_quantile', through(AGGREGATION, named(input, t, namesOf(value))));
  },
  freqItems: (value, t) => {
    const input = inputOf(value, t);
    const columns = namesOf(value).map((name) =>
      t.column(`${name}_freqItems`, through(AGGREGATION, t.over(input).column([name]))),
    );
    return { columns, rest: undefined, below: input.below };
  },
  // Its columns are named by values of the second column.
  crosstab: (value, t) => {
    const input = inputOf(value, t);
    const names = [textOf(value, 'col1'), textOf(value, 'col2')];
    const from = named(input, t, names);
    t.steer('GROUP_BY', from);
    const first = t.column(names.join('_'), through(TRANSFORMATION, named(input, t, names.slice(0, 1))));
    return { columns: [first], rest: through(COUNT, from), below: input.below };
  },
  sampleBy: (value, t) => {
    const input = inputOf(value, t);
    t.steer('FILTER', t.over(input).of(value.col as PlanMessage));
    return input;
  },
  fillNa: changed,
  replace: changed,
  dropNa: (value, t) => {
    const input = inputOf(value, t);
    t.steer('FILTER', named(input, t, namesOf(value)));
    return input;
  },
};
