/** Joins of a DataFrame plan. */
import { foldName } from '../../catalog/catalog.js';
import type { PlanMessage } from '../../plan/connect/message.js';
import { TRANSFORMATION, through, union } from '../flow.js';
import { allOf, type Frame, type FrameColumn, openFrame } from './frame.js';
import type { PlanTracer } from './plan-tracer.js';

/** `JoinType` of the protocol: of these only the left side shows. */
const LEFT_ANTI = 5;
const LEFT_SEMI = 6;

/** The columns of both, left ones first. */
export const sideBySide = (left: Frame, right: Frame): Frame => ({
  columns: [...left.columns, ...right.columns],
  rest:
    left.rest === undefined && right.rest === undefined
      ? undefined
      : union([left.rest, right.rest].flatMap((rest) => rest ?? [])),
  below: union([left.below, right.below]),
});

export function joinFrame(value: PlanMessage, t: PlanTracer): Frame {
  const left = t.relation(value.left as PlanMessage);
  const right = t.relation(value.right as PlanMessage);
  const both = sideBySide(left, right);
  if (value.joinCondition !== undefined) {
    t.steer('JOIN', t.over(both).of(value.joinCondition as PlanMessage));
  }
  const using = value.usingColumns as readonly string[];
  const sides = using.map((name) => [left, right].map((side) => t.over(side).column([name])));
  t.steer('JOIN', union(sides.flat()));
  if (value.joinDataType !== undefined) return openFrame(through(TRANSFORMATION, allOf(both)), both.below);
  if (value.joinType === LEFT_ANTI || value.joinType === LEFT_SEMI) return { ...left, below: both.below };
  return using.length === 0 ? both : joinedUsing(using, left, right, t);
}

/** Columns that are joined by stand once, and first. */
function joinedUsing(using: readonly string[], left: Frame, right: Frame, t: PlanTracer): Frame {
  const both = sideBySide(left, right);
  const names = using.map(foldName);
  const isKey = ({ name }: FrameColumn): boolean => name !== undefined && names.includes(name);
  const keys = names.map((name): FrameColumn => {
    const found = both.columns.filter((each) => each.name === name);
    const from = union([left, right].map((side) => t.over(side).column([name])));
    return {
      ...t.column(name, from),
      ids: new Set(found.flatMap((each) => [...each.ids])),
    };
  });
  return { ...both, columns: [...keys, ...both.columns.filter((each) => !isKey(each))] };
}

/** The right side is made anew for each row of the left. */
export function lateralFrame(value: PlanMessage, t: PlanTracer): Frame {
  const left = t.relation(value.left as PlanMessage);
  const right = t.beside(left).relation(value.right as PlanMessage);
  const both = sideBySide(left, right);
  if (value.joinCondition !== undefined) {
    t.steer('JOIN', t.over(both).of(value.joinCondition as PlanMessage));
  }
  return both;
}
