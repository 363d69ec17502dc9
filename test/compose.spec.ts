/**
 * docker-compose.yml without Docker: its settings are settings, its commands work, against a Postgres with
 * its roles.
 */

import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { parse } from 'yaml';
import { DELTA_PACKAGE, deltaConf } from '../scripts/spark-delta.mjs';
import { loadConfig } from '../src/config.js';
import { parseSparkUrl } from '../src/engines/spark/connect-url.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/store/embedded-postgres.js';
import { ROOT, readProjectFile } from './support/sources.js';

const TIMEOUT_MS = 120_000;
const run = promisify(execFile);

interface Mount {
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly volume?: { readonly subpath?: string };
}
interface Service {
  readonly command?: readonly string[];
  readonly profiles?: readonly string[];
  readonly ports?: readonly string[];
  readonly user?: string;
  readonly networks?: readonly string[];
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly volumes?: readonly (string | Mount)[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}
const { services, networks } = parse(readProjectFile('docker-compose.yml'), { merge: true }) as {
  readonly services: Record<string, Service>;
  readonly networks: Readonly<Record<string, unknown>>;
};
const docker = readProjectFile('Dockerfile');

let folder: string;
let postgres: EmbeddedPostgres;
/** The compose file's own URL, at our server. */
const here = (url: string): string => {
  const theirs = new URL(url);
  const ours = new URL(postgres.ownerUrl);
  return `postgres://${theirs.username}:${theirs.password}@${ours.host}/composed${ours.search}`;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-compose-spec-'));
  chmodSync(folder, 0o755);
  postgres = await startEmbeddedPostgres(folder);
}, TIMEOUT_MS);
afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('docker-compose.yml', () => {
  it('starts postgres, then migrate, then the gateway', () => {
    expect(services.migrate?.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
    expect(services.gateway?.depends_on).toEqual({
      migrate: { condition: 'service_completed_successfully' },
    });
    expect(services.postgres?.healthcheck).toBeDefined();
  });

  it('gives settings that the gateway takes', () => {
    expect(loadConfig(services.gateway?.environment ?? {})).toMatchObject({
      host: '0.0.0.0',
      demo: true,
      migrate: false,
    });
    expect(() => loadConfig(services.migrate?.environment ?? {})).not.toThrow();
  });

  it('has Spark only when asked for, with no port outside, its token that of the gateway', () => {
    const spark = Object.entries(services).filter(([name]) => name.startsWith('spark-'));
    expect(spark.map(([name]) => name)).toEqual(['spark-master', 'spark-worker', 'spark-connect']);
    for (const [, service] of spark) {
      expect(service.profiles).toEqual(['spark']);
      expect(service.ports).toBeUndefined();
    }
    const token = services['spark-connect']?.environment?.SPARK_CONNECT_AUTHENTICATE_TOKEN ?? '';
    const address = parseSparkUrl(services.gateway?.environment?.SLUICE_SPARK_URL ?? '');
    expect(address).toEqual({ host: 'spark-connect', port: 15002, token, tls: false });
    expect(readProjectFile('deploy/spark-defaults.conf')).toMatch(/^spark\.master\.rest\.enabled\s+false$/m);
  });

  it('shows Spark the sample, lets it write tables as the user of the gateway, and no more', () => {
    for (const name of ['spark-worker', 'spark-connect']) {
      const { user, volumes = [] } = services[name] ?? {};
      const mounts = volumes.filter((volume): volume is Mount => typeof volume !== 'string');
      expect(mounts.map(({ target, read_only, volume }) => [volume?.subpath, target, read_only])).toEqual([
        ['sample', '/data/sample', true],
        ['warehouse', '/data/warehouse', undefined],
      ]);
      const files = volumes.flatMap((volume) => (typeof volume === 'string' ? [volume.split(':')] : []));
      for (const [source = '', , mode] of files) {
        expect(source).toMatch(/^\.\/deploy\//);
        expect([source, existsSync(join(ROOT, source)), mode]).toEqual([source, true, 'ro']);
      }
      expect(files.map(([, target]) => target)).toContain('/etc/passwd');
      // The user `node` of the image.
      expect(user).toBe('1000:1000');
      expect(readProjectFile('deploy/spark-passwd')).toMatch(/^node:x:1000:1000:/m);
    }
    const { dataDir, warehouse } = loadConfig(services.gateway?.environment ?? {});
    expect([dataDir, warehouse]).toEqual(['/data', undefined]);
    expect(docker).toMatch(/^FROM node:.*\n[\s\S]*^USER node$/m);
  });

  it('runs code where no lake, no other service and no network is', () => {
    const code = services['code-spark'];
    expect([code?.profiles, code?.networks, code?.ports]).toEqual([['code'], ['code'], undefined]);
    expect(code?.volumes).toEqual(['./deploy/code-defaults.conf:/opt/spark/conf/spark-defaults.conf:ro']);
    expect([code?.read_only, code?.tmpfs, code?.cap_drop]).toEqual([true, ['/tmp'], ['ALL']]);
    expect(networks).toEqual({ code: { internal: true } });
    const there = Object.keys(services).filter((name) => services[name]?.networks?.includes('code'));
    expect(there).toEqual(['gateway', 'code-spark']);
    const token = code?.environment?.SPARK_CONNECT_AUTHENTICATE_TOKEN ?? '';
    expect(Object.keys(code?.environment ?? {})).toEqual(['SPARK_CONNECT_AUTHENTICATE_TOKEN']);
    const { environment } = services.gateway ?? {};
    expect(parseSparkUrl(environment?.SLUICE_SPARK_CODE_URL ?? '')).toEqual({
      host: 'code-spark',
      port: 15002,
      token,
      tls: false,
    });
    expect(environment?.SLUICE_SPARK_URL).not.toContain(`token=${token};`);
    expect(readProjectFile('deploy/code-defaults.conf')).toMatch(/^spark\.python\.worker\.reuse\s+false$/m);
    expect(existsSync(join(ROOT, 'deploy/code-spark.Dockerfile'))).toBe(true);
  });

  it('has the Delta Lake of npm run spark, under the same settings', () => {
    const lines = readProjectFile('deploy/spark-defaults.conf').split('\n');
    const conf = Object.fromEntries(lines.map((line) => line.split(/\s+/, 2)));
    const {
      'spark.driver.extraClassPath': _,
      'spark.executor.extraClassPath': __,
      ...wanted
    } = deltaConf(['a']);
    for (const [name, value] of Object.entries(wanted))
      expect([name, conf[name]]).toEqual([name, String(value)]);
    expect(conf['spark.jars.packages']).toBe(DELTA_PACKAGE);
  });

  it('names commands that are there', () => {
    const commands = [services.migrate?.command, services.gateway?.healthcheck?.test.slice(1)];
    for (const command of commands) {
      expect(command?.[0]).toBe('node');
      expect(existsSync(join(ROOT, command?.[1] ?? ''))).toBe(true);
    }
    expect(docker).toContain('CMD ["node", "dist/src/main.js"]');
    expect(existsSync(join(ROOT, 'src/main.ts'))).toBe(true);
    for (const [, sources] of docker.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
      for (const source of sources!.split(' '))
        expect([source, existsSync(join(ROOT, source))]).toEqual([source, true]);
    }
  });

  it(
    'migrates with its own command, roles and URLs, so that the gateway can work and not own',
    async () => {
      const { superuser } = JSON.parse(readFileSync(join(folder, 'postgres', 'cluster.json'), 'utf8'))
        .credentials as { superuser: string };
      const ours = new URL(postgres.ownerUrl);
      const admin = new pg.Client({
        connectionString: `postgres://postgres:${superuser}@${ours.host}/postgres${ours.search}`,
      });
      await admin.connect();
      // As the image does with POSTGRES_USER, POSTGRES_PASSWORD and its init folder.
      await admin.query('DROP DATABASE sluice');
      await admin.query('REVOKE CONNECT ON DATABASE postgres FROM sluice_app');
      await admin.query(`DROP ROLE sluice_app; ALTER ROLE sluice_owner PASSWORD 'sluice_owner'`);
      await admin.query('CREATE DATABASE composed OWNER sluice_owner');
      await admin.query(readProjectFile('deploy/postgres-roles.sql'));
      await admin.end();

      const [node, ...args] = services.migrate!.command!;
      const environment = Object.entries(services.migrate!.environment!).map(([name, url]) => [
        name,
        here(url),
      ]);
      const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...Object.fromEntries(environment) };
      const migrate = (): Promise<{ stdout: string }> => run(node!, args, { cwd: ROOT, env });
      expect((await migrate()).stdout).toMatch(/Migrated: Initial1763900000001/);
      expect((await migrate()).stdout).toMatch(/up to date/);

      const app = new pg.Client({
        connectionString: here(services.gateway!.environment!.SLUICE_DATABASE_URL!),
      });
      await app.connect();
      await app.query(`INSERT INTO audit_event (shard, seq, kind, body) VALUES ('s', 0, 'heartbeat', '{}')`);
      await expect(app.query('DELETE FROM audit_event')).rejects.toThrow(/permission denied/);
      await expect(app.query('DROP TABLE audit_event')).rejects.toThrow(/must be owner/);
      await app.end();
    },
    TIMEOUT_MS,
  );
});
