import { describe, expect, it } from '@jest/globals';
import { Random } from '../../../test/oracles/random.js';
import { acceptedStatements, refusedStatements } from '../../../test/support/sql-corpus.js';
import { GovernanceError } from '../errors.js';
import type { Statement } from './ast.js';
import { parseStatement } from './parse.js';
import { printSparkStatement } from './print-spark.js';
import { sameTree } from './same-tree.js';

const OPTIONS = { parameters: 'statement' } as const;
const MUTANTS = process.env.SLUICE_LONG ? 500_000 : 20_000;
const TIMEOUT_MS = 300_000;
const SEED = 20_261_123;

const TOKEN = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`|\w+|\s+|[^\w\s]/gu;
const WORDS = (
  'SELECT FROM WHERE GROUP BY HAVING ORDER LIMIT OFFSET UNION ALL EXCEPT INTERSECT JOIN LEFT NATURAL SEMI ON USING LATERAL WINDOW OVER ' +
  'PARTITION ROWS BETWEEN AND OR NOT IN EXISTS LIKE RLIKE IS NULL DISTINCT CASE WHEN THEN ELSE END CAST AS INTERVAL DAY DATE VALUES TABLE ' +
  'WITH ROLLUP GROUPING SETS NULLS DESC FILTER IGNORE EXTRACT TRIM POSITION BOTH CURRENT_DATE EXTEND AGGREGATE SET DROP PIVOT ESCAPE ANY FOR VERSION OF ' +
  'DIV IDENTIFIER STREAM TRANSFORM STRUCT X R 1 1.5 .5 1e3 ( ) , . * + - / | || & ~ ! = <> < > <=> >> :: : ? [ ] ; -> => |> { $ \' " ` /* */ -- \\ \0 \ud800'
).split(' ');

const MUTANT_MS_MAX = 1_000;

/** Words exchanged, repeated, lost and added; now and then the text is torn somewhere in a word as well. */
function mutant(base: readonly string[], random: Random): string {
  const text = edited(random.pick(base), random);
  if (!random.chance(0.2)) return text;
  const [at, length] = [random.int(0, text.length), random.int(1, 3)];
  const torn = [text.slice(0, at), text.slice(0, at) + text.slice(at + length), text.slice(at)];
  return random.pick(torn);
}

function edited(text: string, random: Random): string {
  const tokens = [...(text.match(TOKEN) ?? [])];
  for (let n = random.int(1, 3); n > 0 && tokens.length > 1; n -= 1) {
    const [i, j] = [random.int(0, tokens.length - 1), random.int(0, tokens.length - 1)];
    const word = ` ${random.pick(WORDS)} `;
    const edits = [
      () => tokens.splice(i, 1),
      () => tokens.splice(i, 0, tokens[j] ?? ''),
      () => ([tokens[i], tokens[j]] = [tokens[j] ?? '', tokens[i] ?? '']),
      () => tokens.splice(i, 0, word),
      () => tokens.splice(i, 1, word),
    ];
    random.pick(edits)();
  }
  return tokens.join('');
}

/** The tree, or undefined when the text was properly refused. */
function read(sql: string): Statement | undefined {
  try {
    return parseStatement(sql, OPTIONS);
  } catch (error) {
    const known = error instanceof GovernanceError && error.details.remedy && isWithin(sql, error.details);
    if (known) return undefined;
    throw new Error(JSON.stringify(sql), { cause: error });
  }
}

/** A place that there is in the text, or just behind its end. */
function isWithin(sql: string, { position }: GovernanceError['details']): boolean {
  const line = sql.split('\n')[(position?.line ?? 0) - 1];
  return (
    line !== undefined && position !== undefined && position.column >= 1 && position.column <= line.length + 1
  );
}

describe('mutated statements', () => {
  const base = [...acceptedStatements(), ...refusedStatements().map(({ sql }) => sql)];

  it(
    `are read or refused with a position, never worse (${MUTANTS})`,
    () => {
      const random = new Random(SEED);
      let accepted = 0;
      for (let n = 0; n < MUTANTS; n += 1) {
        const sql = mutant(base, random);
        const start = performance.now();
        const tree = read(sql);
        if (performance.now() - start > MUTANT_MS_MAX) throw new Error(`slow: ${sql}`);
        if (tree === undefined) continue;
        accepted += 1;
        const printed = printSparkStatement(tree);
        if (!sameTree(parseStatement(printed, OPTIONS), tree)) throw new Error(`${sql}\n${printed}`);
      }
      // Neither hopeless nor harmless mutants.
      expect(accepted).toBeGreaterThan(MUTANTS / 50);
      expect(accepted).toBeLessThan(MUTANTS / 2);
    },
    TIMEOUT_MS,
  );
});
