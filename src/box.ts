/** What a person sees when the gateway is up. No side borders: commands must survive copy and paste. */
import { join } from 'node:path';
import type { Config } from './config.js';

const RULE = '─'.repeat(96);
const DEMO_USERS = 'admin, steward, analyst, engineer, privacy, auditor';

export interface BoxInput {
  readonly config: Config;
  readonly dataDir: string;
  readonly ports: { readonly http: number | null; readonly connect: number | null; readonly admin: number };
}

export function renderBox({ config, dataDir, ports }: BoxInput): string {
  const host = urlHost(config.host);
  const lines = ['Sluice is up.', ''];
  if (ports.http !== null) {
    lines.push(`  API            http://${host}:${ports.http}/v1`);
    lines.push(`  API docs       http://${host}:${ports.http}/docs`);
  }
  if (ports.connect !== null) lines.push(`  Spark Connect  ${connectUrl(config, ports.connect)}`);
  lines.push(`  Health         http://${host}:${ports.admin}/health/ready`);
  if (config.demo && ports.http !== null)
    lines.push('', ...demoLines(config, dataDir, `http://${host}:${ports.http}`));
  if (config.lake !== undefined) lines.push('', ...lakeLines(config));
  return ['', RULE, ...lines, RULE, ''].join('\n');
}

/** PySpark sends a token without TLS to the name `localhost` only. */
function connectUrl(config: Config, port: number): string {
  const loopback = config.host === '127.0.0.1' || config.host === '::1';
  const plain = loopback && config.connectTlsCert === undefined;
  return `sc://${plain ? 'localhost' : urlHost(config.host)}:${port}/;token=...`;
}

function demoLines(config: Config, dataDir: string, api: string): readonly string[] {
  const credentials = join(dataDir, 'demo-credentials.json');
  const [user, statement] =
    config.lake === undefined
      ? ['analyst', 'SELECT full_name, email, country FROM shop.crm.customers ORDER BY id LIMIT 3']
      : ['admin', 'SHOW TABLES IN lake.main'];
  return [
    `  Demo users     ${DEMO_USERS}`,
    `  Their tokens   ${credentials}`,
    '',
    '  Ask as one of them:',
    '',
    `curl -s ${api}/v1/statements -H 'Content-Type: application/json' \\`,
    `  -H "Authorization: Bearer $(node -p "require('${credentials}').${user}")" \\`,
    `  -d '{"statement": "${statement}"}'`,
  ];
}

function lakeLines(config: Config): readonly string[] {
  return [
    `  Your files     ${config.lake} as catalog lake; only admin may read them.`,
    `  To let others, save this as ${join(config.policiesDir, 'my-lake.yaml')} and edit it; no restart:`,
    '',
    'kind: policy',
    'name: my-lake',
    'grants:',
    '  - { allow: [browse, read], to: [role:analyst], on: [lake.*] }',
  ];
}

/** Listening everywhere is reached at this machine; IPv6 addresses stand in brackets. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
