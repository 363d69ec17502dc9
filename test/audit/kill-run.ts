/** Runs gateways and kills them at a point; tells what was promised and is not in the log. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type pg from 'pg';
import { ROOT } from '../support/sources.js';

export const FAIL_POINTS = [
  'before intent',
  'intent sent',
  'after intent',
  'in the engine',
  'between chunks',
  'before outcome',
  'outcome sent',
  'after outcome',
  'answered',
  'denied sent',
  'after denied',
  'signing',
  'signed',
] as const;
const RUN_TIMEOUT_MS = 60_000;

export interface KillPlan {
  readonly url: string;
  /** Folder of the signing keys. */
  readonly keys: string;
  readonly point: (typeof FAIL_POINTS)[number];
  /** How often the point is passed before. */
  readonly at: number;
  readonly delayMs: number;
}

export interface KillResult {
  readonly killed: boolean;
  readonly answered: number;
  /** Promises that the log does not keep. */
  readonly broken: readonly string[];
}

export async function killOnce(compiled: string, plan: KillPlan, owner: pg.Pool): Promise<KillResult> {
  const { killed, said } = await run(compiled, plan);
  const answered = said.get('answered') ?? [];
  const broken: string[] = [];
  const check = async (ids: readonly string[], kind: string, promise: string): Promise<void> => {
    const found = await owner.query<{ id: string }>(
      'SELECT statement_id AS id FROM audit_event WHERE kind = $1 AND statement_id = ANY ($2::text[])',
      [kind, [...ids]],
    );
    const kept = new Set(found.rows.map(({ id }) => id));
    for (const id of ids) if (!kept.has(id)) broken.push(`${promise} ${id}: no ${kind}`);
  };
  await check(answered, 'statement.intent', 'answered');
  await check(answered, 'statement.outcome', 'answered');
  await check(said.get('refused') ?? [], 'statement.denied', 'refused');
  for (const name of ['intent', 'outcome', 'denied'])
    await check(said.get(name) ?? [], `statement.${name}`, 'acknowledged');
  return { killed, answered: answered.length, broken };
}

function run(
  compiled: string,
  plan: KillPlan,
): Promise<{ killed: boolean; said: ReadonlyMap<string, readonly string[]> }> {
  return new Promise((resolve, reject) => {
    const script = join(ROOT, 'test', 'audit', 'killed-gateway.mjs');
    const child = spawn(process.execPath, [script, compiled, JSON.stringify(plan)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const late = setTimeout(() => child.kill('SIGTERM'), RUN_TIMEOUT_MS);
    let [output, problems] = ['', ''];
    child.stdout.on('data', (text) => (output += String(text)));
    child.stderr.on('data', (text) => (problems += String(text)));
    child.once('close', (_, signal) => {
      clearTimeout(late);
      if (problems !== '') reject(new Error(problems));
      const said = new Map<string, string[]>();
      // What the last line lost was not said.
      for (const line of output.split('\n').slice(0, -1)) {
        const [what = '', id = ''] = line.split(' ');
        const ids = said.get(what);
        if (ids === undefined) said.set(what, [id]);
        else ids.push(id);
      }
      resolve({ killed: signal === 'SIGKILL', said });
    });
  });
}
