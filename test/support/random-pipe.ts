/** Random operators of pipe syntax, out of the parts of a random tree. */
import type { Expression, Identifier, QueryBody, SelectItem } from '../../src/core/sql/ast.js';
import type { PipeStep } from '../../src/core/sql/ast-pipe.js';
import type { Relation } from '../../src/core/sql/ast-relation.js';
import { at } from './random-atoms.js';

export interface PipeParts {
  readonly pick: <T>(list: readonly T[]) => T;
  readonly flag: () => boolean;
  readonly some: <T>(make: () => T) => readonly T[];
  readonly expression: () => Expression;
  readonly identifier: () => Identifier;
  readonly operand: () => QueryBody;
  readonly relation: () => Relation;
  readonly turned: (input: Relation) => Relation;
}

const ALL = { part: { kind: 'percent', percent: '100' }, at } as const;

/** Neither ORDER BY nor LIMIT: behind the last operator, a query has its own. */
export function randomStep(parts: PipeParts): PipeStep {
  const { pick, flag, some, expression, identifier } = parts;
  const items = (): readonly SelectItem[] =>
    some(() => ({
      kind: 'expression-item' as const,
      expression: expression(),
      at,
      ...(flag() ? { alias: identifier() } : {}),
    }));
  return pick<() => PipeStep>([
    () => ({
      kind: 'select-step',
      select: { kind: 'select', hints: [], distinct: flag(), items: items(), from: [], windows: [], at },
    }),
    () => ({ kind: 'extend-step', items: items() }),
    () => ({
      kind: 'set-step',
      assignments: some(() => ({ column: identifier(), value: expression() })),
    }),
    () => ({ kind: 'drop-step', columns: some(identifier) }),
    () => ({ kind: 'alias-step', name: identifier() }),
    () => ({ kind: 'where-step', condition: expression() }),
    () => ({ kind: 'aggregate-step', items: items(), keys: flag() ? items() : [] }),
    () => ({
      kind: 'set-operation-step',
      operator: pick(['union', 'except', 'intersect'] as const),
      all: flag(),
      right: parts.operand(),
    }),
    () => ({
      kind: 'relation-step',
      relation: {
        kind: 'join',
        type: pick(['inner', 'cross', 'left', 'left-semi'] as const),
        natural: false,
        left: { kind: 'piped', at },
        right: parts.relation(),
        on: expression(),
        at,
      },
    }),
    () => ({ kind: 'relation-step', relation: parts.turned({ kind: 'piped', at }) }),
    () => ({ kind: 'relation-step', relation: { kind: 'piped', at, sample: ALL } }),
  ])();
}
