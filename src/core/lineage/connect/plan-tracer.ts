/**
 * Walks a DataFrame plan, inputs before what uses them. What steers rows is gathered for the whole plan, as in SQL; a
 * subquery steers only the expression that it stands in.
 */
import { foldName, type ObjectId } from '../../catalog/catalog.js';
import { type PlanMessage, relationCase, textOf } from '../../plan/connect/message.js';
import type { BoundQuery, Plan } from '../../plan/plan.js';
import {
  type Dependencies,
  type IndirectSubtype,
  indirect,
  NOTHING,
  TRANSFORMATION,
  through,
  union,
} from '../flow.js';
import { columnOf, Tracer } from '../lineage.js';
import { PlanExpressions } from './expression.js';
import {
  allOf,
  anyBelow,
  column,
  type Frame,
  type FrameColumn,
  lookUp,
  namedColumns,
  openFrame,
} from './frame.js';
import { relationFrame } from './relations.js';

/** Work on one plan: past it, everything may come from everything. */
export const planLineageStepsMax = 300_000;

/** What a named table, or SQL, in a plan means. */
export interface LeafPlan {
  /** Secured. */
  readonly plan: Plan;
  readonly output: BoundQuery['output'];
  readonly qualifier: readonly string[];
  /** Tables in it that are relations of the same plan, and what the plan calls them. */
  readonly named: ReadonlyMap<ObjectId, string>;
  /** Code makes its columns: more are named than there need be. */
  readonly approximate?: boolean;
}

/** What was found out about a plan when it was governed. */
export interface PlanFacts {
  leaf(relation: PlanMessage): LeafPlan | undefined;
  /** A result that the server keeps. */
  kept(id: string): TracedPlan | undefined;
  /** Names of a relation's columns where the server has told them. */
  columnNames(relation: PlanMessage): readonly string[] | undefined;
}

export interface TracedPlan {
  readonly frame: Frame;
  readonly steering: Dependencies;
  readonly approximate: boolean;
}

/** There is too much to follow. */
export class LineageTooLong extends Error {}

/** `SubqueryType` of the protocol. */
const SUBQUERY = { exists: 2, in: 4 } as const;

/** Relations that SQL may name, each followed when it is. */
type Relations = ReadonlyMap<string, () => Frame>;

class Shared {
  readonly framesById = new Map<bigint, Frame[]>();
  /** Plans that subqueries of expressions mean. */
  readonly subqueries = new Map<bigint, PlanMessage>();
  /** What subqueries bring in from beside. */
  readonly aside: Dependencies[] = [];
  approximate = false;
  private left = planLineageStepsMax;

  constructor(readonly facts: PlanFacts) {}

  spend(steps: number): void {
    this.left -= steps;
    if (this.left < 0) throw new LineageTooLong();
  }
}

export class PlanTracer {
  private constructor(
    private readonly shared: Shared,
    private readonly outer: readonly Frame[] = [],
    private readonly relations: Relations = new Map(),
    private readonly steering: Dependencies[] = [],
  ) {}

  static trace(plan: PlanMessage, facts: PlanFacts): TracedPlan {
    const shared = new Shared(facts);
    const tracer = new PlanTracer(shared);
    const found = tracer.relation(plan);
    const frame = { ...found, below: union([found.below, ...shared.aside]) };
    return { frame, steering: union(tracer.steering), approximate: shared.approximate };
  }

  relation(message: PlanMessage | undefined): Frame {
    if (message === undefined) return openFrame(NOTHING);
    const names = this.shared.facts.columnNames(message);
    const found = this.found(message);
    const frame = names === undefined ? found : this.withNames(found, names);
    this.shared.spend(1 + frame.columns.length);
    const planId = (message.common as PlanMessage | undefined)?.planId;
    if (typeof planId === 'bigint') {
      const { framesById } = this.shared;
      framesById.set(planId, [...(framesById.get(planId) ?? []), frame]);
    }
    return frame;
  }

  /** Expressions over these relations. */
  over(...frames: readonly Frame[]): PlanExpressions {
    return new PlanExpressions(this, [...frames, ...this.outer]);
  }

  /** Traces what may use the columns of what stands beside it. */
  beside(frame: Frame): PlanTracer {
    return new PlanTracer(this.shared, [frame, ...this.outer], this.relations, this.steering);
  }

  steer(subtype: IndirectSubtype, from: Dependencies): void {
    if (from.size === 0) return;
    this.shared.spend(from.size);
    this.steering.push(through(indirect(subtype), from));
  }

  column(name: string | undefined, from: Dependencies, qualifier: readonly string[] = []): FrameColumn {
    this.shared.spend(from.size);
    return column(name, from, qualifier);
  }

  framesOf(planId: bigint): readonly Frame[] {
    return this.shared.framesById.get(planId) ?? [];
  }

  named(frames: readonly Frame[], parts: readonly string[]): Dependencies {
    return lookUp(frames, parts) ?? this.anything(frames);
  }

  /** Whatever may be meant here. */
  anything(frames: readonly Frame[]): Dependencies {
    this.shared.approximate = true;
    const from = union([anyBelow(frames), through(TRANSFORMATION, union(this.shared.aside))]);
    this.shared.spend(from.size);
    return from;
  }

  withNames(frame: Frame, names: readonly string[]): Frame {
    const known = namedColumns(frame, names);
    if (known !== undefined) return { ...frame, columns: known, rest: undefined };
    const from = this.anything([frame]);
    return { ...frame, columns: names.map((name) => this.column(name, from)), rest: undefined };
  }

  subquery(value: PlanMessage, operands: Dependencies, frames: readonly Frame[]): Dependencies {
    const plan = this.shared.subqueries.get(value.planId as bigint);
    if (plan === undefined) return this.anything(frames);
    const inner = new PlanTracer(this.shared, frames, this.relations);
    const values = allOf(inner.relation(plan));
    const effects = union(inner.steering);
    const from = ((): Dependencies => {
      switch (value.subqueryType) {
        case SUBQUERY.exists:
          return effects;
        case SUBQUERY.in:
          return union([
            through(TRANSFORMATION, operands),
            through(indirect('CONDITIONAL'), values),
            effects,
          ]);
        default:
          return union([through(TRANSFORMATION, values), effects]);
      }
    })();
    this.shared.aside.push(from);
    return from;
  }

  private found(message: PlanMessage): Frame {
    const leaf = this.shared.facts.leaf(message);
    if (leaf !== undefined) return this.leaf(leaf);
    const { case: kind, value } = relationCase(message);
    if (kind === 'withRelations') return this.withRelations(value);
    if (kind === 'cachedRemoteRelation') return this.keptResult(textOf(value, 'relationId'));
    return relationFrame(kind, value, this);
  }

  private leaf({ plan, output, qualifier, named, approximate = false }: LeafPlan): Frame {
    this.shared.approximate ||= approximate;
    const tracer = new Tracer((table, name) => {
      const relation = named.get(table);
      return relation === undefined ? columnOf(table, name) : this.placed(relation, name);
    });
    tracer.plan(plan);
    const effects = tracer.effects();
    this.shared.spend(effects.size);
    this.steering.push(effects);
    const columns = output.map(({ name, id }) => this.column(name, tracer.column(id), qualifier));
    return { columns, rest: undefined, below: union(columns.map(({ from }) => from)) };
  }

  /** A column of a relation that SQL names: by its place, `p1` is the first. */
  private placed(relation: string, place: string): Dependencies {
    const frame = this.relations.get(relation)?.();
    if (frame === undefined) throw new Error('SQL names a relation that is not there');
    const found = frame.rest === undefined ? frame.columns[Number(place.slice(1)) - 1] : undefined;
    return found?.from ?? this.anything([frame]);
  }

  private withRelations(value: PlanMessage): Frame {
    const relations = new Map(this.relations);
    for (const reference of value.references as readonly PlanMessage[]) {
      const planId = (reference.common as PlanMessage | undefined)?.planId;
      if (typeof planId === 'bigint') this.shared.subqueries.set(planId, reference);
      const { case: kind, value: named } = relationCase(reference);
      if (kind !== 'subqueryAlias') continue;
      let frame: Frame | undefined;
      relations.set(foldName(textOf(named, 'alias')), () => {
        frame ??= this.relation(named.input as PlanMessage);
        return frame;
      });
    }
    return new PlanTracer(this.shared, this.outer, relations, this.steering).relation(
      value.root as PlanMessage,
    );
  }

  keptResult(id: string): Frame {
    const kept = this.shared.facts.kept(id);
    if (kept === undefined) throw new Error('a result that is kept is not known');
    this.shared.approximate ||= kept.approximate;
    this.steering.push(kept.steering);
    return kept.frame;
  }
}
