/**
 * Column lineage of a DataFrame plan. Its columns above the leaves are Spark's to resolve; here they are followed by name
 * and by the plan they were taken from, and where that does not say which one is meant, all that it may be are named.
 */
import type { PlanMessage } from '../../plan/connect/message.js';
import { type Dependencies, TRANSFORMATION, through, union } from '../flow.js';
import { lineageOf, type StatementLineage, Tracer } from '../lineage.js';
import { allOf, type Frame, namedColumns, openFrame } from './frame.js';
import { type LeafPlan, LineageTooLong, type PlanFacts, PlanTracer, type TracedPlan } from './plan-tracer.js';

/** `leaves`: all of the plan. */
export function tracePlan(plan: PlanMessage, facts: PlanFacts, leaves: readonly LeafPlan[]): TracedPlan {
  try {
    return PlanTracer.trace(plan, facts);
  } catch (error) {
    if (!(error instanceof LineageTooLong)) throw error;
    return everything(leaves);
  }
}

/** Any column of the result may come from any column of the leaves. */
function everything(leaves: readonly LeafPlan[]): TracedPlan {
  const columns: Dependencies[] = [];
  const effects: Dependencies[] = [];
  for (const { plan, output } of leaves) {
    const tracer = new Tracer();
    tracer.plan(plan);
    columns.push(...output.map(({ id }) => tracer.column(id)));
    effects.push(tracer.effects());
  }
  const from = through(TRANSFORMATION, union(columns));
  return { frame: openFrame(from), steering: union([...effects, from]), approximate: true };
}

/** `names`: of the result's columns, as Spark spells them; undefined: they were never told. */
export function planLineage(traced: TracedPlan, names: readonly string[] | undefined): StatementLineage {
  const { frame, steering, approximate } = traced;
  if (names === undefined) return unnamedLineage(traced);
  const columns = namedColumns(frame, names);
  const any = columns === undefined ? through(TRANSFORMATION, union([allOf(frame), frame.below])) : undefined;
  const outputs = names.map((name, i) => ({ name, from: any ?? columns?.[i]?.from ?? new Map() }));
  return lineageOf(outputs, steering, approximate || any !== undefined || isOpen(frame));
}

function unnamedLineage({ frame, steering, approximate }: TracedPlan): StatementLineage {
  const columns = frame.columns.map(({ name, from }, i) => ({ name: name ?? `_c${i}`, from }));
  const effects = union([steering, through(TRANSFORMATION, frame.rest ?? new Map())]);
  return lineageOf(columns, effects, approximate || isOpen(frame));
}

const isOpen = ({ rest }: Frame): boolean => rest !== undefined && rest.size > 0;
