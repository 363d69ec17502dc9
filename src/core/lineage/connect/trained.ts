/** What a model was trained on, to be kept with it when it is saved, and as lineage when it is loaded again. */
import { dependsOn, NOTHING, type Source, TRANSFORMATION, union } from '../flow.js';
import { allOf, openFrame } from './frame.js';
import type { TracedPlan } from './plan-tracer.js';

export const sourcesOf = ({ frame, steering }: TracedPlan): readonly Source[] =>
  [...union([allOf(frame), frame.below, steering]).values()].map(({ table, column }) => ({ table, column }));

export const trainedOn = (sources: readonly Source[]): TracedPlan => ({
  frame: openFrame(union(sources.map((source) => dependsOn(source, TRANSFORMATION)))),
  steering: NOTHING,
  approximate: true,
});
