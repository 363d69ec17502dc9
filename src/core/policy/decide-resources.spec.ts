/** Laws of resource groups, held to a second reading of the documents that shares no code with the first. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readProjectFile } from '../../../test/support/sources.js';
import { GovernanceError } from '../errors.js';
import { compilePolicies } from './compile.js';
import type { Principal } from './decision.js';
import { parsePolicy } from './document.js';
import { DecidingPolicies } from './memo.js';
import { parsePolicyYaml } from './policy-yaml.js';
import { bytesOf, millisecondsOf } from './quantity.js';
import type { EngineId } from './resources.js';

const DAYS = ['2026-01-01', '2026-02-01', '2026-03-01'];
const subject = fc.constantFrom('all', 'user:ana', 'user:ben', 'role:analyst', 'role:batch', 'group:berlin');
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const group = fc
  .record({
    to: fc.array(subject, { minLength: 1, maxLength: 3 }),
    except: some(
      fc.array(
        subject.filter((s) => s !== 'all'),
        { minLength: 1, maxLength: 2 },
      ),
    ),
    engines: some(fc.subarray(['duckdb', 'spark'] as EngineId[], { minLength: 1 })),
    concurrency: some(fc.integer({ min: 1, max: 3 })),
    queue: some(fc.integer({ min: 0, max: 3 })),
    priority: fc.integer({ min: 1, max: 3 }),
    rows: some(fc.integer({ min: 1, max: 5 })),
    time: some(fc.constantFrom('1s', '2000ms', '1m')),
    bytes: some(fc.constantFrom('1KiB', '2048', '1MiB')),
    valid: some(fc.constantFrom({ from: DAYS[1] }, { until: DAYS[1] }, { from: DAYS[0], until: DAYS[2] })),
  })
  .map((written) => JSON.parse(JSON.stringify(written)) as Written);
interface Written {
  to: string[];
  except?: string[];
  engines?: EngineId[];
  concurrency?: number;
  priority: number;
  rows?: number;
  time?: string;
  bytes?: string;
  valid?: { from?: string; until?: string };
}
const documents = fc.array(fc.array(group, { maxLength: 4 }), { maxLength: 4 });
const person: fc.Arbitrary<Principal> = fc.record({
  user: fc.constantFrom('ana', 'ben', 'cy'),
  roles: fc.subarray(['analyst', 'batch']),
  groups: fc.subarray(['berlin']),
  attributes: fc.constant({}),
  via: fc.constant('test'),
});
const engine = fc.constantFrom<EngineId>('duckdb', 'spark');
const moment = fc.constantFrom(...DAYS).map((day) => Date.parse(day));

interface Named extends Written {
  readonly path: string;
}
const named = (all: Written[][]): Named[] =>
  all.flatMap((groups, d) => groups.map((written, g) => ({ ...written, path: `p${d}/g${g}` })));
const policies = (all: Written[][], order = (list: unknown[]): unknown[] => list): DecidingPolicies =>
  new DecidingPolicies(
    compilePolicies(
      order(all.map((groups, d) => ({ groups, d }))).map((one) => {
        const { groups, d } = one as { groups: Written[]; d: number };
        const resources = groups.map((written, g) => ({ name: `g${g}`, ...written }));
        return { document: parsePolicy({ kind: 'policy', name: `p${d}`, resources }), version: 1 };
      }),
      7,
    ),
  );

/** What the page says, in its words. */
function expected(all: Written[][], who: Principal, on: EngineId, now: number) {
  const names = [
    `user:${who.user}`,
    ...who.roles.map((r) => `role:${r}`),
    ...who.groups.map((g) => `group:${g}`),
  ];
  const speaks = named(all).filter(
    ({ to, except = [], engines = ['duckdb', 'spark'], valid = {} }) =>
      engines.includes(on) &&
      to.some((s) => s === 'all' || names.includes(s)) &&
      !except.some((s) => names.includes(s)) &&
      (valid.from === undefined || now >= Date.parse(valid.from)) &&
      (valid.until === undefined || now < Date.parse(valid.until)),
  );
  const level = ({ to }: Named): number => {
    if (to.includes(`user:${who.user}`)) return 0;
    return to.some((s) => names.includes(s)) ? 1 : 2;
  };
  const best = Math.min(...speaks.map(level));
  const count = speaks.filter((one) => level(one) === best);
  const least = (values: (number | undefined)[]) =>
    values.reduce((low, v) => (v === undefined ? low : Math.min(low ?? v, v)), undefined);
  return {
    groups: count.map(({ path }) => path).sort(),
    concurrency: least(count.map(({ concurrency }) => concurrency)),
    rows: least(count.map(({ rows }) => rows)),
    timeMs: least(count.map(({ time }) => (time === undefined ? undefined : millisecondsOf(time)))),
    bytes: least(count.map(({ bytes }) => (bytes === undefined ? undefined : bytesOf(bytes)))),
  };
}

describe('resource groups', () => {
  it('that count are the most specific, and of each limit the strictest', () => {
    fc.assert(
      fc.property(documents, person, engine, moment, (all, who, on, now) => {
        const limits = policies(all).resources(who, on, now);
        const { groups, ...least } = expected(all, who, on, now);
        expect(limits.rules.map(({ policy, rule }) => `${policy}/${rule}`).sort()).toEqual(groups);
        expect([groups.length === 0 ? ['default'] : groups].flat()).toContain(limits.group);
        expect(limits).toMatchObject(JSON.parse(JSON.stringify(least)));
      }),
      { numRuns: 200 },
    );
  });

  it('are the same whatever the order of documents, of subjects and of questions', () => {
    const questions = fc.array(fc.tuple(person, engine, moment), { minLength: 4, maxLength: 8 });
    fc.assert(
      fc.property(documents, questions, (all, asked) => {
        const one = policies(all);
        const other = policies(all, (list) => [...list].reverse());
        for (const [who, on, now] of [...asked, ...asked]) {
          const turned = { ...who, roles: [...who.roles].reverse() };
          const sorted = ({ rules, ...limits }: ReturnType<typeof one.resources>) => ({
            ...limits,
            rules: rules.map((rule) => JSON.stringify(rule)).sort(),
          });
          expect(sorted(other.resources(turned, on, now))).toEqual(sorted(one.resources(who, on, now)));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('refuse what they do not know, and sizes and times that are none', () => {
    const good = { name: 'g', to: ['all'], concurrency: 2 };
    const wrong: readonly (readonly [object, string])[] = [
      [{ ...good, threads: 2 }, 'resources.0.threads'],
      [{ name: 'g', to: ['all'] }, 'resources.0'],
      [{ ...good, to: ['analyst'] }, 'resources.0.to.0'],
      [{ ...good, concurrency: 0 }, 'resources.0.concurrency'],
      [{ ...good, priority: 101 }, 'resources.0.priority'],
      [{ ...good, time: '5 minutes' }, 'resources.0.time'],
      [{ ...good, time: '1ms' }, 'resources.0.time'],
      [{ ...good, bytes: '1GB' }, 'resources.0.bytes'],
      [{ ...good, engines: ['trino'] }, 'resources.0.engines.0'],
      [{ ...good, queue: -1 }, 'resources.0.queue'],
    ];
    expect(() => parsePolicy({ kind: 'policy', name: 'p', resources: [good] })).not.toThrow();
    for (const [resource, path] of wrong) {
      let problems: readonly { readonly path: string }[] = [];
      try {
        parsePolicy({ kind: 'policy', name: 'p', resources: [resource] });
      } catch (error) {
        problems = (error as GovernanceError).details.problems ?? [];
      }
      expect([resource, problems.map((problem) => problem.path)]).toEqual([resource, [path]]);
    }
    expect(() => parsePolicy({ kind: 'policy', name: 'p', resources: [good, good] })).toThrow(
      GovernanceError,
    );
  });

  it('of the guides are what the guides say', () => {
    const found = ['resources', 'policies'].flatMap((page) =>
      [...readProjectFile(`docs/how-to/${page}.md`).matchAll(/```yaml\n([^`]*)```/g)]
        .map(([, yaml = '']) => yaml)
        .filter((yaml) => /^resources:/m.test(yaml))
        .map((yaml) => (yaml.startsWith('kind:') ? yaml : `kind: policy\nname: shares\n${yaml}`)),
    );
    expect(found).toHaveLength(2);
    const documents = found.map((yaml) => ({ document: parsePolicyYaml(yaml).document, version: 1 }));
    const guide = new DecidingPolicies(compilePolicies(documents.slice(0, 1), 1));
    const who = (user: string, ...roles: string[]): Principal => ({
      user,
      roles,
      groups: [],
      attributes: {},
      via: 'test',
    });
    const groupOf = (user: string, on: EngineId, ...roles: string[]) =>
      guide.resources(who(user, ...roles), on, 0).group;
    expect(groupOf('ana', 'duckdb', 'analyst')).toBe('shares/analysts');
    expect(groupOf('ben', 'spark')).toBe('shares/everyone');
    expect(groupOf('etl', 'spark', 'analyst')).toBe('shares/nightly');
    expect(groupOf('etl', 'duckdb')).toBe('shares/everyone');
  });
});
