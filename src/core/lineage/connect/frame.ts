/**
 * What lineage knows of a relation in a DataFrame plan: its columns, as far as they can be known without Spark, and where
 * each comes from. Names are looked up as Spark does; one that cannot be found may be any column below.
 */
import { foldName } from '../../catalog/catalog.js';
import { type Dependencies, TRANSFORMATION, through, union } from '../flow.js';

export interface FrameColumn {
  /** Folded; undefined: what Spark makes up for an expression without a name. */
  readonly name: string | undefined;
  /** `['shop', 'sales', 'orders']`, or an alias. */
  readonly qualifier: readonly string[];
  /** A column keeps them on its way up, as Spark's attributes keep their ids. */
  readonly ids: ReadonlySet<symbol>;
  readonly from: Dependencies;
}

export interface Frame {
  readonly columns: readonly FrameColumn[];
  /** Where columns that are not listed come from; undefined: all are listed, in their order. */
  readonly rest: Dependencies | undefined;
  /** What any column below comes from. Spark finds some that are no longer shown. */
  readonly below: Dependencies;
}

export const column = (
  name: string | undefined,
  from: Dependencies,
  qualifier: readonly string[] = [],
): FrameColumn => ({
  name: name === undefined ? undefined : foldName(name),
  qualifier: qualifier.map(foldName),
  ids: new Set([Symbol('column')]),
  from,
});

export const allOf = ({ columns, rest }: Frame): Dependencies =>
  union([...columns.map(({ from }) => from), ...(rest === undefined ? [] : [rest])]);

/** A relation of which nothing is known but what it is made of. */
export const openFrame = (rest: Dependencies, below = rest): Frame => ({ columns: [], rest, below });

/** Columns that `a.b.c` may mean: a column of a table, or fields in a column. */
export function matches({ columns }: Frame, parts: readonly string[]): readonly FrameColumn[] {
  const folded = parts.map(foldName);
  const named = (at: number) => columns.filter(({ name }) => name === folded[at]);
  const ofTables = folded.flatMap((_, at) =>
    at === 0 ? [] : named(at).filter(({ qualifier }) => endsWith(qualifier, folded.slice(0, at))),
  );
  if (ofTables.length > 0) return [...named(0), ...ofTables];
  return folded.flatMap((_, at) => named(at));
}

/** Columns of `t.*`. */
export const ofTable = ({ columns }: Frame, target: readonly string[]): readonly FrameColumn[] =>
  columns.filter(({ qualifier }) => endsWith(qualifier, target.map(foldName)));

function endsWith(qualifier: readonly string[], end: readonly string[]): boolean {
  const from = qualifier.length - end.length;
  return from >= 0 && end.every((part, i) => qualifier[from + i] === part);
}

/** What a column means that stands in a relation over these, inner ones first; undefined: none surely is it. */
export function lookUp(frames: readonly Frame[], parts: readonly string[]): Dependencies | undefined {
  const unsure: Dependencies[] = [];
  for (const frame of frames) {
    const found = matches(frame, parts);
    if (found.length > 0) return union([...unsure, ...found.map(({ from }) => from)]);
    unsure.push(...frame.columns.flatMap(({ name, from }) => (name === undefined ? [from] : [])));
    if (frame.rest !== undefined) unsure.push(frame.rest);
  }
  return undefined;
}

export const anyBelow = (frames: readonly Frame[]): Dependencies =>
  through(TRANSFORMATION, union(frames.flatMap((frame) => [allOf(frame), frame.below])));

/** The columns, when these are their names; undefined: that cannot be. */
export function namedColumns(frame: Frame, names: readonly string[]): readonly FrameColumn[] | undefined {
  const { columns, rest } = frame;
  if (rest === undefined) {
    const fits = columns.length === names.length && columns.every((each, i) => isNamed(each, names[i] ?? ''));
    if (!fits) return undefined;
    return columns.map((each, i) =>
      each.name === undefined ? { ...each, name: foldName(names[i] ?? '') } : each,
    );
  }
  const unnamed = columns.filter(({ name }) => name === undefined).map(({ from }) => from);
  return names.map((name) => {
    const found = columns.filter((each) => each.name === foldName(name));
    const [only] = found;
    if (found.length === 1 && only !== undefined && rest.size === 0) return only;
    return column(name, union([...found.map(({ from }) => from), ...unnamed, rest]));
  });
}

const isNamed = ({ name }: FrameColumn, told: string): boolean =>
  name === undefined || name === foldName(told);
