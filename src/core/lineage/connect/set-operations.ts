/** Unions, intersections and differences of a DataFrame plan. */
import type { PlanMessage } from '../../plan/connect/message.js';
import { union } from '../flow.js';
import { allOf, type Frame, type FrameColumn, openFrame } from './frame.js';
import type { PlanTracer } from './plan-tracer.js';

/** `SetOpType` of the protocol. */
const UNION = 2;

export function setOperationFrame(value: PlanMessage, t: PlanTracer): Frame {
  const left = t.relation(value.leftInput as PlanMessage);
  const right = t.relation(value.rightInput as PlanMessage);
  // Whether a row of one side is there depends on the other side; duplicates depend on all columns.
  if (value.setOpType !== UNION) t.steer('FILTER', union([allOf(left), allOf(right)]));
  else if (value.isAll !== true) t.steer('GROUP_BY', union([allOf(left), allOf(right)]));
  return value.byName === true ? byName(left, right) : byPlace(left, right);
}

/** Shown under the name, and as the column, of the left side. */
const joined = (column: FrameColumn, others: readonly FrameColumn[]): FrameColumn => ({
  ...column,
  from: union([column.from, ...others.map(({ from }) => from)]),
});

function byPlace(left: Frame, right: Frame): Frame {
  const below = union([left.below, right.below]);
  const placed =
    left.rest === undefined && right.rest === undefined && left.columns.length === right.columns.length;
  if (!placed) return openFrame(union([allOf(left), allOf(right)]), below);
  const columns = left.columns.map((column, i) => joined(column, right.columns.slice(i, i + 1)));
  return { columns, rest: undefined, below };
}

function byName(left: Frame, right: Frame): Frame {
  const below = union([left.below, right.below]);
  const hidden = [left, right].some(
    ({ columns, rest }) => rest !== undefined || columns.some(({ name }) => name === undefined),
  );
  if (hidden) return openFrame(union([allOf(left), allOf(right)]), below);
  const names = new Set(left.columns.map(({ name }) => name));
  const columns = left.columns.map((column) =>
    joined(
      column,
      right.columns.filter(({ name }) => name === column.name),
    ),
  );
  return {
    columns: [...columns, ...right.columns.filter(({ name }) => !names.has(name))],
    rest: undefined,
    below,
  };
}
