import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ConfigError, changedSettings, describeSettings, loadConfig } from './config.js';

const problemsOf = (env: Record<string, string>, readFile?: (path: string) => string): readonly string[] => {
  try {
    loadConfig(env, readFile);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
};

describe('loadConfig', () => {
  it('takes its own defaults: writing every default out changes nothing', () => {
    const written = describeSettings().flatMap(({ name, default: standard }) =>
      standard === undefined ? [] : [[name, standard]],
    );
    expect(loadConfig(Object.fromEntries(written))).toEqual(loadConfig({}));
  });

  it('has the documented defaults', () => {
    expect(loadConfig({})).toMatchObject({
      httpPort: 8080,
      connectPort: 15002,
      adminPort: 8081,
      host: '127.0.0.1',
      dataDir: '.sluice',
      engine: 'duckdb',
      demo: true,
      demoScale: 1,
    });
  });

  it('refuses every unknown name with the prefix and names it', () => {
    const known = new Set(describeSettings().map(({ name }) => name));
    const unknown = fc
      .stringMatching(/^SLUICE_[A-Z]{1,12}$/)
      .filter((name) => !known.has(name) && !/^SLUICE_(PORT|SERVICE|URL|TOKEN|LONG)$/.test(name));
    fc.assert(
      fc.property(unknown, fc.string(), (name, value) => {
        expect(problemsOf({ [name]: value }).some((problem) => problem.startsWith(name))).toBe(true);
      }),
    );
  });

  it('suggests the nearest name', () => {
    expect(problemsOf({ SLUICE_HTPP_PORT: '1' })).toEqual([
      'SLUICE_HTPP_PORT is not a setting; did you mean SLUICE_HTTP_PORT?',
    ]);
  });

  it('reads every port there is and nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65_535 }), (port) => {
        expect(loadConfig({ SLUICE_HTTP_PORT: String(port) }).httpPort).toBe(port);
      }),
    );
    for (const wrong of ['-1', '65536', '80.5', '0x50', '8e3', 'http', ' ', '８０']) {
      expect(problemsOf({ SLUICE_HTTP_PORT: wrong })[0]).toMatch(/^SLUICE_HTTP_PORT must be a port/);
    }
  });

  it.each([
    ['SLUICE_STATEMENT_TIMEOUT', '500ms', 'statementTimeoutMs', 500],
    ['SLUICE_STATEMENT_TIMEOUT', '30s', 'statementTimeoutMs', 30_000],
    ['SLUICE_BYTE_LIMIT', '1MiB', 'byteLimit', 1_048_576],
    ['SLUICE_BYTE_LIMIT', '2MB', 'byteLimit', 2_000_000],
    ['SLUICE_DEMO_SCALE', '0.01', 'demoScale', 0.01],
  ] as const)('reads %s=%s', (name, value, key, expected) => {
    expect(loadConfig({ [name]: value })[key]).toBe(expected);
  });

  it.each([
    [{ SLUICE_STATEMENT_TIMEOUT: '5 minutes' }],
    [{ SLUICE_BYTE_LIMIT: '-1' }],
    [{ SLUICE_DEMO: 'yes' }],
    [{ SLUICE_ENGINE: 'sqlite' }],
    [{ SLUICE_JWT_ALGORITHMS: 'RS256,none' }],
    [{ SLUICE_JWT_ALGORITHMS: 'HS256' }],
    [{ SLUICE_DATABASE_URL: 'mysql://x' }],
    [{ SLUICE_JWKS_URL: 'https://issuer/jwks' }],
    [{ SLUICE_STATEMENT_TIMEOUT: '2h' }],
    [{ SLUICE_MASK_KEY: 'short' }],
  ])('refuses %j', (env) => {
    expect(problemsOf(env as Record<string, string>).length).toBeGreaterThan(0);
  });

  it('ignores what Kubernetes injects for services called sluice and sluice-admin', () => {
    const injected = {
      SLUICE_PORT: 'tcp://10.0.0.1:8080',
      SLUICE_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      SLUICE_PORT_8080_TCP_ADDR: '10.0.0.1',
      SLUICE_SERVICE_HOST: '10.0.0.1',
      SLUICE_SERVICE_PORT_HTTP: '8080',
      SLUICE_ADMIN_PORT: 'tcp://10.0.0.2:8081',
      SLUICE_ADMIN_SERVICE_HOST: '10.0.0.2',
      SLUICE_ADMIN_PORT_8081_TCP_PROTO: 'tcp',
    };
    expect(loadConfig(injected)).toEqual(loadConfig({}));
  });

  it('turns the demo off with a database of one’s own, unless asked for', () => {
    const SLUICE_DATABASE_URL = 'postgres://app@db/sluice';
    expect(loadConfig({ SLUICE_DATABASE_URL }).demo).toBe(false);
    expect(loadConfig({ SLUICE_DATABASE_URL, SLUICE_DEMO: 'true' }).demo).toBe(true);
  });

  it('reads secrets from files, and takes only one of the two', () => {
    const readFile = (path: string): string => {
      if (path !== '/run/secrets/url') throw new Error('ENOENT');
      return 'postgres://app:s3cret@db/sluice\n';
    };
    const fromFile = { SLUICE_DATABASE_URL_FILE: '/run/secrets/url' };
    expect(loadConfig(fromFile, readFile).databaseUrl).toBe('postgres://app:s3cret@db/sluice');
    expect(problemsOf({ ...fromFile, SLUICE_DATABASE_URL: 'postgres://x/y' }, readFile)).toHaveLength(1);
    expect(problemsOf({ SLUICE_DATABASE_URL_FILE: '/nowhere' }, readFile)).toHaveLength(1);
    expect(problemsOf({ SLUICE_HTTP_PORT_FILE: '/run/secrets/url' }, readFile)).toHaveLength(1);
  });

  it('never repeats a secret', () => {
    const env = { SLUICE_DATABASE_URL: 'mysql://app:hunter2@db', SLUICE_MASK_KEY: 'hunter2' };
    expect(problemsOf(env).join()).not.toContain('hunter2');
    expect(JSON.stringify(changedSettings(env))).not.toContain('hunter2');
  });
});
