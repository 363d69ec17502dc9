/**
 * The configuration: environment in, checked values out. Whatever is not a known setting, or not a value the
 * setting takes, stops the start with one message that names every problem.
 */
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { Setting } from './config/setting.js';
import { OTHER_NAMES, SETTINGS } from './config/settings.js';

const PREFIX = 'SLUICE_';
const SUGGESTION_DISTANCE_MAX = 3;
const PRIVATE_KEY_HEX = /^[0-9a-fA-F]{64}$/;
const MASK_KEY_HEX = /^(?:[0-9a-fA-F]{2}){32,}$/;

type Settings = typeof SETTINGS;
type Value<S extends Setting> = S extends { readonly default: string }
  ? z.output<S['schema']>
  : z.output<S['schema']> | undefined;
type Loaded = { readonly [K in keyof Settings]: Value<Settings[K]> };

/** Every setting, read and checked. */
export type Config = Omit<Loaded, 'demo'> & { readonly demo: boolean };
export type Environment = Readonly<Record<string, string | undefined>>;

/** Stops the start. One line per problem, each naming its setting; never a secret value. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
  }
}

/** Reads the settings. Pure but for secrets given as files, which `readFile` reads. */
export function loadConfig(
  env: Environment,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Config {
  const problems = unknownNames(env);
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(SETTINGS) as [string, Setting][]) {
    const given = givenText(env, setting, readFile, problems) ?? setting.default;
    if (given === undefined) continue;
    const parsed = setting.schema.safeParse(given);
    if (parsed.success) values[key] = parsed.data;
    else problems.push(`${setting.name} ${parsed.error.issues[0]?.message}${shown(setting, given)}`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const loaded = values as Loaded;
  const config = { ...loaded, demo: loaded.demo ?? loaded.databaseUrl === undefined };
  const conflicts = contradictions(config);
  if (conflicts.length > 0) throw new ConfigError(conflicts);
  return Object.freeze(config);
}

export interface SettingDescription {
  readonly name: string;
  readonly group: string;
  readonly default: string | undefined;
  readonly doc: string;
  readonly secret: boolean;
}

/** What the reference page and `.env.example` are made from. */
export const describeSettings = (): readonly SettingDescription[] =>
  Object.values(SETTINGS as Record<string, Setting>).map((setting) => ({
    name: setting.name,
    group: setting.group,
    default: setting.default,
    doc: setting.doc,
    secret: setting.secret === true,
  }));

/**
 * `[name, value]` of settings that differ from their default, secrets blanked: for the first line of the log.
 */
export function changedSettings(env: Environment): readonly (readonly [string, string])[] {
  return describeSettings().flatMap(({ name, secret, default: standard }) => {
    const value = env[name];
    if (value === undefined || value === '' || value === standard) return [];
    return [[name, secret ? '(secret)' : value] as const];
  });
}

const shown = (setting: Setting, given: string): string =>
  setting.secret === true ? '.' : `, not ${JSON.stringify(given.slice(0, 100))}.`;

function givenText(
  env: Environment,
  setting: Setting,
  readFile: (path: string) => string,
  problems: string[],
): string | undefined {
  const value = env[setting.name];
  const direct = value === '' || isServiceLink(setting.name, value) ? undefined : value;
  const file = setting.secret === true ? env[`${setting.name}_FILE`] : undefined;
  if (file === undefined || file === '') return direct;
  if (direct !== undefined) {
    problems.push(`${setting.name} and ${setting.name}_FILE are both set; one is enough.`);
    return undefined;
  }
  try {
    return readFile(file).trim();
  } catch {
    problems.push(`${setting.name}_FILE names a file that cannot be read.`);
    return undefined;
  }
}

function contradictions(config: Config): string[] {
  const problems: string[] = [];
  const jwks = config.jwksUrl ?? config.jwksFile;
  if (config.jwksUrl !== undefined && config.jwksFile !== undefined) {
    problems.push('SLUICE_JWKS_URL and SLUICE_JWKS_FILE are both set; one is enough.');
  }
  if (jwks !== undefined && (config.jwtIssuer === undefined || config.jwtAudience === undefined)) {
    problems.push('SLUICE_JWT_ISSUER and SLUICE_JWT_AUDIENCE must be set when JWTs are accepted.');
  }
  if ((config.connectTlsCert === undefined) !== (config.connectTlsKey === undefined)) {
    problems.push('SLUICE_CONNECT_TLS_CERT and SLUICE_CONNECT_TLS_KEY go together.');
  }
  if (config.statementTimeoutMs > config.statementTimeoutMsMax) {
    problems.push('SLUICE_STATEMENT_TIMEOUT is longer than SLUICE_STATEMENT_TIMEOUT_MAX.');
  }
  if (config.byteLimit > config.byteLimitMax) {
    problems.push('SLUICE_BYTE_LIMIT is larger than SLUICE_BYTE_LIMIT_MAX.');
  }
  if (config.databaseOwnerUrl !== undefined && config.databaseUrl === undefined) {
    problems.push('SLUICE_DATABASE_OWNER_URL is set without SLUICE_DATABASE_URL.');
  }
  if (config.maskKey !== undefined && !MASK_KEY_HEX.test(config.maskKey)) {
    problems.push('SLUICE_MASK_KEY must be 64 or more hex digits.');
  }
  if ([...(config.auditPrivateKeys?.values() ?? [])].some((key) => !PRIVATE_KEY_HEX.test(key))) {
    problems.push('SLUICE_AUDIT_PRIVATE_KEYS must hold keys of 64 hex digits.');
  }
  return problems;
}

/**
 * Kubernetes puts `<SERVICE>_PORT`, `<SERVICE>_SERVICE_HOST` and the like into every pod. A service called
 * `sluice` or `sluice-admin` would otherwise stop the gateway that it points to.
 */
function isServiceLink(name: string, value: string | undefined): boolean {
  if (/^SLUICE_(PORT|SERVICE)(_|$)/.test(name)) return true;
  if (/_PORT$/.test(name)) return /^(tcp|udp|sctp):\/\//.test(value ?? '');
  return /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?$/.test(name);
}

function unknownNames(env: Environment): string[] {
  const known = describeSettings().flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name]));
  const accepted = new Set([...known, ...OTHER_NAMES]);
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !accepted.has(name) && !isServiceLink(name, env[name]))
    .sort()
    .map((name) => {
      const nearest = nearestName(name, known);
      return `${name} is not a setting${nearest === undefined ? '' : `; did you mean ${nearest}?`}`;
    });
}

function nearestName(name: string, known: readonly string[]): string | undefined {
  const scored = known.map((candidate) => ({ candidate, distance: editDistance(name, candidate) }));
  const best = scored.sort((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= SUGGESTION_DISTANCE_MAX ? best.candidate : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
