import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { startTestPostgres } from '../test/support/postgres.js';
import { renderBox } from './box.js';
import { type Config, loadConfig } from './config.js';
import type { Observation } from './ops/observation.js';
import { type Doors, type GatewayContext, listening, startGateway } from './start-gateway.js';
import { LOCK_FILE } from './store/data-dir-lock.js';

const TIMEOUT_MS = 60_000;
const root = mkdtempSync(join(tmpdir(), 'sluice-gateway-spec-'));
const stops: (() => Promise<void>)[] = [];
let folders = 0;

const configOf = (env: Record<string, string> = {}): Config => {
  folders += 1;
  return loadConfig({ SLUICE_DATA_DIR: join(root, String(folders)), SLUICE_ADMIN_PORT: '0', ...env });
};
const heard: Observation[] = [];
const log = (observation: Observation): void => void heard.push(observation);
const fakeDoors =
  (told: string[] = []) =>
  async (): Promise<Doors> => ({
    http: 1234,
    connect: null,
    stop: async (graceMs) => void told.push(`stopped within ${graceMs}`),
  });
const start = async (config: Config, open: (context: GatewayContext) => Promise<Doors> = fakeDoors()) => {
  const gateway = await startGateway(config, log, open);
  stops.push(() => gateway.stop('spec'));
  return gateway;
};

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  heard.splice(0);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('startGateway', () => {
  it(
    'tells its ports, becomes ready, and leaves nothing behind when it stops',
    async () => {
      const config = configOf();
      const told: string[] = [];
      const gateway = await start(config, fakeDoors(told));
      const runtime = join(config.dataDir, 'runtime.json');
      expect(JSON.parse(readFileSync(runtime, 'utf8'))).toEqual({
        http: 1234,
        connect: null,
        admin: gateway.ports.admin,
        pid: process.pid,
      });
      const health = `http://127.0.0.1:${gateway.ports.admin}/health/ready`;
      expect((await fetch(health)).status).toBe(200);
      expect(statSync(join(config.dataDir, 'keys', 'mask.key')).mode & 0o077).toBe(0);
      await gateway.stop('spec');
      expect(told).toEqual([`stopped within ${config.shutdownTimeoutMs}`]);
      await expect(fetch(health)).rejects.toThrow();
      expect(readdirSync(config.dataDir).sort()).toEqual(['keys', 'postgres']);
      expect(heard.filter(({ kind }) => kind === 'background-failed')).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'keeps its mask key and refuses a second gateway on the same folder',
    async () => {
      const config = configOf();
      const keys: string[] = [];
      const open = async (context: GatewayContext): Promise<Doors> => {
        keys.push(context.maskKey.toString('hex'));
        return fakeDoors()();
      };
      const first = await start(config, open);
      await expect(startGateway(config, log, open)).rejects.toThrow(/SLUICE_DATA_DIR .* is in use/);
      await first.stop('spec');
      await start(config, open);
      expect(keys).toHaveLength(2);
      expect(keys[0]).toBe(keys[1]);
    },
    TIMEOUT_MS,
  );

  it(
    'undoes everything when the doors do not open, or when told to stop before they do',
    async () => {
      const config = configOf();
      const broken = async (): Promise<Doors> => {
        throw new Error('no door');
      };
      await expect(startGateway(config, log, broken)).rejects.toThrow('no door');
      expect(existsSync(join(config.dataDir, LOCK_FILE))).toBe(false);
      const stopping = new AbortController();
      stopping.abort(new Error('told to stop'));
      await expect(startGateway(config, log, fakeDoors(), stopping.signal)).rejects.toThrow('told to stop');
      expect(existsSync(join(config.dataDir, LOCK_FILE))).toBe(false);
      await start(config);
    },
    TIMEOUT_MS,
  );

  it(
    'uses the database it is given, as the role it is given',
    async () => {
      const postgres = await startTestPostgres();
      try {
        const config = configOf({
          SLUICE_DATABASE_URL: postgres.appUrl,
          SLUICE_DATABASE_OWNER_URL: postgres.ownerUrl,
        });
        const gateway = await start(config, async ({ store }) => {
          const role = await store.database.query('SELECT current_user AS role');
          expect(role.rows).toEqual([{ role: 'sluice_app' }]);
          return fakeDoors()();
        });
        expect(config.demo).toBe(false);
        expect(existsSync(join(config.dataDir, 'postgres'))).toBe(false);
        await gateway.stop('spec');
      } finally {
        await postgres.stop();
      }
    },
    TIMEOUT_MS,
  );

  it('names the setting of a port that is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const config = configOf({ SLUICE_ADMIN_PORT: String(port) });
    await expect(startGateway(config, log, fakeDoors())).rejects.toThrow(
      `SLUICE_ADMIN_PORT ${port} is in use on 127.0.0.1.`,
    );
    await new Promise((resolve) => taken.close(resolve));
    const nowhere = listening('SLUICE_HTTP_PORT', '203.0.113.1', 1, async () => {
      throw Object.assign(new Error('x'), { code: 'EADDRNOTAVAIL' });
    });
    await expect(nowhere).rejects.toThrow(/SLUICE_HOST 203.0.113.1/);
  });
});

describe('renderBox', () => {
  const ports = { http: 8080, connect: null, admin: 8081 };

  it('shows URLs, users and a command, or a starter policy for files of one’s own', () => {
    const demo = renderBox({ config: loadConfig({}), dataDir: '/data', ports });
    for (const expected of [
      'http://127.0.0.1:8080/docs',
      'analyst',
      '/data/demo-credentials.json',
      'curl -s',
    ]) {
      expect(demo).toContain(expected);
    }
    const lake = renderBox({ config: loadConfig({ SLUICE_LAKE: '/my' }), dataDir: '/data', ports });
    expect(lake).toContain('on: [lake.*]');
    const own = loadConfig({ SLUICE_DATABASE_URL: 'postgres://u:hunter2@h/d', SLUICE_HOST: '::1' });
    const plain = renderBox({ config: own, dataDir: '/data', ports });
    expect(plain).toContain('http://[::1]:8080/v1');
    expect(plain).not.toMatch(/credentials|hunter2/);
  });
});
