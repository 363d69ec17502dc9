/** Anchors of each kind: what they keep convicts a log that was rolled back, forked or signed anew, and none can hold it up. */
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AwsClient } from 'aws4fetch';
import pg from 'pg';
import { signerVkey } from '../../src/core/audit/checkpoint.js';
import { type KnownCheckpoint, knownCheckpoints } from '../../src/core/audit/known-checkpoint.js';
import { NOTE_TYPE, noteKey, parseVkey, publicBytes } from '../../src/core/crypto/signed-note.js';
import type { Anchor } from '../../src/ops/audit-anchors/anchor.js';
import { AnchorDelivery } from '../../src/ops/audit-anchors/anchor-delivery.js';
import { BucketAnchor } from '../../src/ops/audit-anchors/bucket-anchor.js';
import { FileAnchor } from '../../src/ops/audit-anchors/file-anchor.js';
import { WitnessAnchor } from '../../src/ops/audit-anchors/witness-anchor.js';
import { Checkpointer } from '../../src/store/audit-checkpointer.js';
import { exportLog } from '../../src/store/audit-export.js';
import { type LogKeys, openKeyring } from '../../src/store/audit-keyring.js';
import { AuditProofs } from '../../src/store/audit-proofs.js';
import { AuditReader } from '../../src/store/audit-reader.js';
import { auditStatus, type CopyStatus } from '../../src/store/audit-status.js';
import { Database } from '../../src/store/database.js';
import { EvidenceRecorder } from '../../src/store/evidence-recorder.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';
import { within } from '../support/rest-client.js';
import { ROOT } from '../support/sources.js';
import {
  ACCESS,
  LIARS,
  type RunningServer,
  startFakeWitness,
  startMoto,
  startWitness,
} from './anchor-servers.js';
import { emptied, rolledBackTo, whileTampered } from './tampered-tables.js';
import { codesOf, verifyBytes } from './verify-lines.js';

const TIMEOUT_MS = 120_000;
const SEEN_MS = 15_000;
jest.setTimeout(TIMEOUT_MS);

const python = await (async () => {
  const script = pathToFileURL(join(ROOT, 'scripts', 'audit-venv.mjs')).href;
  const { auditPython } = (await import(script)) as { auditPython: () => string | undefined };
  return auditPython();
})();
if (python === undefined)
  process.stderr.write(
    'moto and a witness are not here (node scripts/audit-venv.mjs fetches them): files only.\n',
  );

let postgres: TestPostgres;
let owner: pg.Pool;
let database: Database;
let folder: string;
let keys: LogKeys;
let otherKeys: LogKeys;
let recorder: EvidenceRecorder;
let origin: string;
let anchors = 0;
const deliveries: AnchorDelivery[] = [];
const servers: RunningServer[] = [];
const problems: unknown[] = [];
const clock = (): Date => new Date();

beforeAll(async () => {
  postgres = await startTestPostgres();
  owner = new pg.Pool({ connectionString: postgres.ownerUrl, max: 2 });
  owner.on('error', () => undefined);
  database = new Database({ url: postgres.appUrl, connectionsMax: 4, applicationName: 'spec' });
  folder = mkdtempSync(join(tmpdir(), 'sluice-anchors-'));
  recorder = recorderOf();
  const checkpointer = new Checkpointer({ url: postgres.appUrl, clock });
  origin = await checkpointer.origin();
  await checkpointer.close();
  keys = openKeyring(join(folder, 'keys'), origin, clock());
  otherKeys = openKeyring(join(folder, 'other-keys'), origin, clock());
  await happen(3);
}, TIMEOUT_MS);
afterEach(async () => {
  for (const delivery of deliveries.splice(0)) await delivery.stop();
  for (const server of servers.splice(0)) await server.stop();
  problems.length = 0;
});
afterAll(async () => {
  await recorder.close();
  await database.close();
  await owner.end();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}, TIMEOUT_MS);

const recorderOf = (): EvidenceRecorder =>
  new EvidenceRecorder({
    url: postgres.appUrl,
    timeoutMs: 5_000,
    queueMax: 1_000,
    actorKey: randomBytes(32),
  });

/** Each in a batch and under a checkpoint of its own. */
async function happen(count: number, signedBy = keys, by = recorder): Promise<void> {
  const checkpointer = new Checkpointer({ url: postgres.appUrl, clock });
  try {
    await checkpointer.signWith(signedBy);
    for (let i = 0; i < count; i += 1) {
      await by.record({ kind: 'heartbeat', at: clock().toISOString(), fields: { everySeconds: 3_600 } });
      await checkpointer.catchUp();
    }
  } finally {
    await checkpointer.close();
  }
}

const exported = async ({ signer } = keys): Promise<Buffer> => {
  let text = '';
  for await (const piece of exportLog({
    url: postgres.appUrl,
    signer,
    personal: true,
    at: clock(),
  }))
    text += piece;
  return Buffer.from(text);
};
const reader = (): AuditReader => new AuditReader(database);
const sizeNow = async (): Promise<number> => (await reader().lastCheckpoint())!.size;

function deliver(anchor: Anchor): { readonly name: string; status(): Promise<CopyStatus> } {
  anchors += 1;
  const name = `a${anchors}`;
  const proofs = new AuditProofs(database);
  deliveries.push(
    new AnchorDelivery({
      url: postgres.appUrl,
      name,
      place: name,
      anchor,
      log: {
        lastCheckpoint: () => reader().lastCheckpoint(),
        rootAt: (size) => proofs.rootAt(size),
        ofConsistency: (first, second) => proofs.ofConsistency(first, second),
        keys: async () => (await reader().keys()).flatMap(({ vkey }) => parseVkey(vkey) ?? []),
      },
      everyMs: 20,
      configured: async () => undefined,
      onProblem: (error) => problems.push(error),
    }),
  );
  return {
    name,
    status: async () =>
      (await auditStatus(database, new Date(Date.now() + 100_000), [], [name])).copies[0] ?? {
        name,
        kind: 'anchor',
        lagSeconds: -1,
        batchesBehind: -1,
        diverged: null,
      },
  };
}
const caughtUp = async (anchored: { status(): Promise<CopyStatus> }): Promise<void> => {
  await within(SEEN_MS, async () => {
    const { batchesBehind, diverged } = await anchored.status();
    return batchesBehind === 0 && diverged === null;
  });
  expect(await anchored.status()).toMatchObject({ batchesBehind: 0, lagSeconds: 0, diverged: null });
};

interface Kind {
  readonly name: string;
  /** An anchor, and what an auditor gets from it without us. */
  open(): Promise<{ readonly anchor: Anchor; kept(): Promise<readonly KnownCheckpoint[]> }>;
}

const KINDS: Kind[] = [
  {
    name: 'a file elsewhere',
    open: async () => {
      const file = join(folder, `anchor-${anchors}.ndjson`);
      return { anchor: new FileAnchor(file), kept: async () => knownCheckpoints(readFileSync(file, 'utf8')) };
    },
  },
  ...(python === undefined
    ? []
    : [
        {
          name: 'a bucket with object lock',
          open: async () => {
            const moto = await startMoto(python, 'vault');
            servers.push(moto);
            const client = new AwsClient({ ...ACCESS, service: 's3', region: 'us-east-1' });
            const names = async (): Promise<string[]> => {
              const text = await (await client.fetch(`${moto.url}/vault?list-type=2`)).text();
              return [...text.matchAll(/<Key>([^<]+)<\/Key>/g)].map((match) => match[1]!);
            };
            const kept = async (): Promise<readonly KnownCheckpoint[]> => {
              const found: KnownCheckpoint[] = [];
              for (const name of await names())
                found.push(
                  ...knownCheckpoints(await (await client.fetch(`${moto.url}/vault/${name}`)).text()),
                );
              return found;
            };
            return { anchor: bucketAnchor(moto.url), kept };
          },
        },
        {
          name: 'a witness',
          open: async () => {
            const home = mkdtempSync(join(folder, 'witness-'));
            const witness = await startWitness(
              python,
              home,
              origin,
              [keys, otherKeys].map((k) => signerVkey(k.signer)),
            );
            servers.push(witness);
            const anchor = new WitnessAnchor({
              url: new URL(witness.url),
              origin,
              key: parseVkey(witness.vkey)!,
            });
            return { anchor, kept: () => anchor.kept(0, new AbortController().signal) };
          },
        },
      ]),
];
const bucketAnchor = (url: string): BucketAnchor =>
  new BucketAnchor({ url: new URL(`${url}/vault/log`), region: 'us-east-1', ...ACCESS, days: 30, clock });

describe.each(KINDS)('$name', ({ open }) => {
  it('has the last checkpoint, and speaks for the log', async () => {
    const { anchor, kept } = await open();
    const anchored = deliver(anchor);
    await caughtUp(anchored);
    await happen(5);
    await caughtUp(anchored);
    await within(SEEN_MS, async () => (await kept()).at(-1)?.head.size === (await sizeNow()));
    const known = await kept();
    expect(known.at(-1)?.head.size).toBe(await sizeNow());
    expect(verifyBytes(await exported(), { known }).verdict).toBe('WITNESSED');
    expect(problems).toEqual([]);
  });

  it.each(['rolled back', 'forked', 'signed anew'] as const)('convicts a log that was %s', async (how) => {
    const { anchor, kept } = await open();
    await happen(3);
    const anchored = deliver(anchor);
    await caughtUp(anchored);
    const known = await kept();
    const size = await sizeNow();
    const statements = how === 'rolled back' ? rolledBackTo(size - 2) : emptied;
    await whileTampered(owner, statements, async () => {
      if (how !== 'rolled back') {
        const writer = recorderOf();
        await happen(size + 2, how === 'forked' ? keys : otherKeys, writer);
        await writer.close();
      }
      const log = await exported(how === 'signed anew' ? otherKeys : keys);
      expect(verifyBytes(log)).toMatchObject({ verdict: 'UNANCHORED', findings: [] });
      const against = verifyBytes(log, { known });
      expect(codesOf(against)).toContain(how === 'rolled back' ? 'ROLLED_BACK' : 'FORKED');
      // The gateway finds it too, as long as it is a true one, and adds nothing.
      await within(SEEN_MS, async () => (await anchored.status()).diverged !== null);
      expect((await anchored.status()).diverged).toMatch(/^(it has|at size|the log of size|the witness)/);
      expect(await kept()).toEqual(known);
    });
    await caughtUp(anchored);
  });
});

describe('an anchor that is away', () => {
  it('stops nobody, lags, and is caught up', async () => {
    const home = join(folder, 'not', 'yet', 'there');
    const anchored = deliver(new FileAnchor(join(home, 'anchor.ndjson')));
    const started = performance.now();
    await happen(5);
    expect(performance.now() - started).toBeLessThan(SEEN_MS);
    await within(SEEN_MS, async () => problems.length > 0);
    expect((await anchored.status()).lagSeconds).toBeGreaterThan(50);
    mkdirSync(home, { recursive: true });
    await caughtUp(anchored);
    expect(problems).toHaveLength(1);
  });

  it('as a file that a crash left half a line in goes on behind it', async () => {
    const file = join(folder, 'half.ndjson');
    const anchored = deliver(new FileAnchor(file));
    await caughtUp(anchored);
    appendFileSync(file, '{"size":99,"note":"cut o');
    await happen(1);
    await caughtUp(anchored);
    const known = knownCheckpoints(readFileSync(file, 'utf8'));
    expect(known.at(-1)?.head.size).toBe(await sizeNow());
    expect(verifyBytes(await exported(), { known }).verdict).toBe('WITNESSED');
  });
});

describe('checkpoints of two histories in one anchor', () => {
  it('convict the log, whichever it shows', async () => {
    const file = join(folder, 'both.ndjson');
    const anchored = deliver(new FileAnchor(file));
    await caughtUp(anchored);
    await deliveries.splice(0)[0]?.stop();
    const size = await sizeNow();
    await whileTampered(owner, emptied, async () => {
      const writer = recorderOf();
      await happen(size + 3, keys, writer);
      await writer.close();
      const { note, jws } = (await reader().lastCheckpoint())!;
      appendFileSync(file, `${JSON.stringify({ size: size + 3, note, jws })}\n`);
      const known = knownCheckpoints(readFileSync(file, 'utf8'));
      expect(codesOf(verifyBytes(await exported(), { known }))).toEqual(['FORKED']);
    });
  });
});

describe('a witness that lies', () => {
  it.each(Object.keys(LIARS))('and %s is not believed, and holds nobody up', async (how) => {
    const witness = await startFakeWitness((request, body, response) =>
      request.method === 'GET' ? response.writeHead(404).end() : LIARS[how]!(request, body, response),
    );
    servers.push(witness);
    const key = noteKey('witness.test/w1', publicBytes(keys.signer.note), NOTE_TYPE.cosignature);
    const anchored = deliver(new WitnessAnchor({ url: new URL(witness.url), origin, key }));
    await within(SEEN_MS, async () => problems.length > 0);
    await happen(2);
    expect(await anchored.status()).toMatchObject({ diverged: null });
    expect((await anchored.status()).batchesBehind).toBeGreaterThan(1);
    const signed = await owner.query('SELECT FROM audit_cosignature WHERE witness = $1', [anchored.name]);
    expect(signed.rowCount).toBe(0);
  });
});

if (python !== undefined)
  describe('witness and bucket, by themselves', () => {
    it('cosignatures are in the export: WITNESSED by key and quorum, not when they are old', async () => {
      const home = mkdtempSync(join(folder, 'witness-'));
      const witness = await startWitness(python, home, origin, [signerVkey(keys.signer)]);
      servers.push(witness);
      const key = parseVkey(witness.vkey)!;
      const anchored = deliver(new WitnessAnchor({ url: new URL(witness.url), origin, key }));
      await happen(4);
      await caughtUp(anchored);
      const size = await sizeNow();
      const log = await exported();
      const by = (policy: { quorum?: number; notBefore?: Date }) =>
        verifyBytes(log, { witnesses: { keys: [key], quorum: 1, ...policy } });
      expect(by({})).toMatchObject({ verdict: 'WITNESSED', witnessedSize: size });
      expect(by({ notBefore: new Date(Date.now() - 60_000) }).verdict).toBe('WITNESSED');
      expect(by({ notBefore: new Date(Date.now() + 60_000) }).verdict).toBe('UNANCHORED');
      expect(by({ quorum: 2 })).toMatchObject({ verdict: 'UNANCHORED' });
      expect(verifyBytes(log)).toMatchObject({ verdict: 'UNANCHORED', findings: [] });
    });

    it('what is locked in the bucket cannot be changed, nor removed', async () => {
      const moto = await startMoto(python, 'vault');
      servers.push(moto);
      await caughtUp(deliver(bucketAnchor(moto.url)));
      const client = new AwsClient({ ...ACCESS, service: 's3', region: 'us-east-1' });
      const listed = await (await client.fetch(`${moto.url}/vault?versions`)).text();
      const [name, version] = [/<Key>([^<]+)</.exec(listed)![1], /<VersionId>([^<]+)</.exec(listed)![1]];
      expect(name).toMatch(/^log\/\d{15}\.json$/);
      const address = `${moto.url}/vault/${name}?versionId=${version}`;
      expect((await client.fetch(address, { method: 'DELETE' })).status).toBe(403);
      const head = await client.fetch(address, { method: 'HEAD' });
      expect(head.headers.get('x-amz-object-lock-mode')).toBe('COMPLIANCE');
      const days =
        (Date.parse(head.headers.get('x-amz-object-lock-retain-until-date')!) - Date.now()) / 86_400_000;
      expect(Math.round(days)).toBe(30);
      // Written once: another one of that name is refused.
      const put = await client.fetch(`${moto.url}/vault/${name}`, {
        method: 'PUT',
        body: 'other',
        headers: { 'if-none-match': '*' },
      });
      expect(put.status).toBe(412);
    });
  });
