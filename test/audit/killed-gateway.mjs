/**
 * A gateway without its doors, to be killed: real statements through `runStatement` and the real recorder, over
 * an engine that gives three chunks. Says what it acknowledged, synchronously, and ends in its tracks when it
 * reaches the point it was told. Arguments: folder of the compiled sources, JSON of the plan.
 */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';

const [dir, planText] = process.argv.slice(2);
const { url, keys, point, at, delayMs } = JSON.parse(planText);
const load = (file) => import(pathToFileURL(join(dir, 'src', file)).href);
const { EvidenceRecorder } = await load('store/evidence-recorder.js');
const { Checkpointer } = await load('store/audit-checkpointer.js');
const { openKeyring } = await load('store/audit-keyring.js');
const { runStatement } = await load('gateway/run-statement.js');
const { DecidingPolicies } = await load('core/policy/memo.js');
const { compilePolicies } = await load('core/policy/compile.js');
const { GovernanceError } = await load('core/errors.js');
const { ResultCache } = await load('gateway/result-cache.js');

const WORKERS = 6;
const clock = () => new Date();
let hits = 0;

const say = (what, id) => writeSync(1, `${what} ${id}\n`);
const die = () => process.kill(process.pid, 'SIGKILL');
/** `later`: the work is under way, and the end comes somewhere in it. */
function reach(name, later = false) {
  if (name !== point) return;
  hits += 1;
  if (hits !== at) return;
  if (later && delayMs > 0) setTimeout(die, delayMs);
  else die();
}

const real = new EvidenceRecorder({ url, timeoutMs: 5_000, queueMax: 1_000, actorKey: Buffer.alloc(32) });
const sent = async (name, id, work) => {
  reach(`before ${name}`);
  const written = work();
  reach(`${name} sent`, true);
  const result = await written;
  if (result === undefined || result === 'recorded') say(name, id);
  reach(`after ${name}`);
  return result;
};
const recorder = {
  intent: (record, versions) => sent('intent', record.statementId, () => real.intent(record, versions)),
  outcome: (record) => sent('outcome', record.statementId, () => real.outcome(record)),
  denied: (record) => sent('denied', record.statementId, () => real.denied(record)),
};

const engine = {
  id: 'duckdb',
  prepare: async (statement) => ({ statement, text: '' }),
  bytes: async () => {
    reach('in the engine');
    return {
      body: Readable.from(
        ['1\n', '2\n', '3\n'].map((text) => Buffer.from(text)),
        { objectMode: false },
      ),
      done: Promise.resolve({ rowCount: 3, truncated: false }),
    };
  },
};
const policies = new DecidingPolicies(compilePolicies([], 0));
const catalog = () => ({ version: '1', tables: new Map() });
const deps = {
  catalog,
  files: { changed: async () => [], lookAgain: async () => undefined },
  // Nothing is kept: every answer comes past every point.
  cache: new ResultCache({
    bytesMax: 0,
    entryBytesMax: 0,
    ageMsMax: 0,
    now: () => performance.now(),
    current: () => ({ policyVersion: 0, catalog: catalog() }),
  }),
  policies: { current: () => policies, waitForNewer: async () => undefined },
  engineFor: () => engine,
  clock,
  defaultCatalog: () => 'shop',
  recorder,
  limits: {
    timeoutMsDefault: 1e4,
    timeoutMsMax: 1e4,
    byteLimitDefault: 1e9,
    byteLimitMax: 1e9,
    rowLimitMax: 1e9,
  },
  hashKey: () => '',
  lineage: { started: () => () => undefined },
  observe: () => undefined,
};
const caller = {
  principal: { user: 'ana', roles: [], groups: [], attributes: {}, via: 'test' },
};

async function work() {
  for (;;) {
    const statementId = randomUUID();
    const refused = Math.random() < 0.2;
    const statement = refused ? 'SELECT * FROM nowhere' : 'SELECT 1';
    const request = { statement, parameters: [], engine: 'auto', tags: {} };
    const hooks = { statementId, signal: new AbortController().signal };
    try {
      const { bytes } = await runStatement(deps, caller, request, { mode: 'bytes', format: 'csv' }, hooks);
      for await (const _ of bytes.body) reach('between chunks');
      say('answered', statementId);
      reach('answered');
    } catch (error) {
      if (!(error instanceof GovernanceError)) throw error;
      say('refused', statementId);
    }
  }
}

const checkpointer = new Checkpointer({ url, clock });
await checkpointer.signWith(openKeyring(keys, await checkpointer.origin(), clock()));
async function sign() {
  for (;;) {
    const signed = checkpointer.catchUp();
    reach('signing', true);
    await signed;
    reach('signed');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
await Promise.all([...Array.from({ length: WORKERS }, work), sign()]);
