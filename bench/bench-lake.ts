/**
 * The lake of the benchmarks, its policy, and the same policy written by hand as DuckDB SQL: a gateway over it
 * for `analyst`, and a DuckDB in this process that answers the same masked query without one.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { EU_COUNTRIES } from '../src/admin/identity/demo-identities.js';
import { type GatewayProcess, startGatewayProcess } from '../test/support/gateway-process.js';

export const PEOPLE = 1_000_000;
/** So that looking at one person reads little of the file. */
const ROW_GROUP_ROWS = 20_480;
/** Of the people in the lake. The analyst sees them all, so that the rule is asked and no row is lost. */
const COUNTRIES = ['DE', 'FR', 'IT', 'ES'];
/** The rule as the analyst's attributes make it, by hand. */
export const OWN_COUNTRIES = `country IN (${EU_COUNTRIES.map((code) => `'${code}'`).join(', ')})`;
export const COLUMNS = ['id', 'full_name', 'email', 'phone', 'country', 'total', 'score', 'seen'] as const;

const RULES_A_DOCUMENT = 1_000;

const POLICY = `kind: policy
name: bench
grants:
  - { allow: [browse, read], to: [role:analyst], on: [lake.main.*] }
rows:
  - { name: own-countries, on: [lake.main.people], to: [role:analyst], where: "country IN (:principal.countries)" }
columns:
  - { name: email, on: [lake.main.people.email], to: [all], mask: email }
  - { name: phone, on: [lake.main.people.phone], to: [all], mask: { showLast: 2 } }
`;

/** Each speaks of the table, and of nobody who asks. */
function morePolicies(count: number): readonly string[] {
  const documents: string[] = [];
  for (let from = 0; from < count; from += RULES_A_DOCUMENT) {
    const rules = Array.from({ length: Math.min(RULES_A_DOCUMENT, count - from) }, (_, i) => from + i);
    documents.push(
      [
        'kind: policy',
        `name: more-${from / RULES_A_DOCUMENT}`,
        'grants:',
        ...rules.map((i) => `  - { allow: [read], to: [user:nobody-${i}], on: [lake.main.people] }`),
        '',
      ].join('\n'),
    );
  }
  return documents;
}

export interface BenchLake {
  readonly gateway: GatewayProcess;
  /** The table's. */
  readonly file: string;
  readonly duckdb: DuckDBConnection;
  /** A folder for what DuckDB writes. */
  readonly scratch: string;
  /** What the analyst sees, by hand. */
  readonly maskedPeople: string;
  /** One more connection to the DuckDB of this process. */
  connect(): Promise<DuckDBConnection>;
  close(): Promise<void>;
}

/** `policyCount`: so many more rules, besides the one that counts. */
export async function openBenchLake(
  main: string,
  settings: Readonly<Record<string, string>> = {},
  policyCount = 0,
): Promise<BenchLake> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const [lake, policies, scratch] = ['lake', 'policies', 'scratch'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const made of [lake, policies, scratch]) mkdirSync(made);
  writeFileSync(join(policies, 'bench.yaml'), POLICY);
  for (const [i, text] of morePolicies(policyCount).entries())
    writeFileSync(join(policies, `more-${i}.yaml`), text);
  const instance = await DuckDBInstance.create(':memory:');
  const duckdb = await instance.connect();
  await duckdb.run("SET TimeZone = 'UTC'");
  const file = join(lake, 'people.parquet');
  await duckdb.run(`COPY (${people()}) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE ${ROW_GROUP_ROWS})`);
  const gateway = await startGatewayProcess(main, {
    SLUICE_LAKE: lake,
    SLUICE_POLICIES_DIR: policies,
    // Every client of the benchmarks is the analyst.
    SLUICE_QUEUE_PER_PRINCIPAL_MAX: '200',
    // What is measured is what is run.
    SLUICE_RESULT_CACHE_BYTES_MAX: '0',
    ...settings,
  });
  return {
    gateway,
    file,
    duckdb,
    scratch,
    maskedPeople: maskedPeople(file),
    connect: () => instance.connect(),
    close: async () => {
      await gateway.stop();
      duckdb.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const people = (): string => `
  SELECT i AS id, 'Person ' || (i % 9973) AS full_name,
    'person' || i || '@mail' || (i % 97) || '.example' AS email,
    '+49' || (1000000000 + hash(i) % 9000000000) AS phone,
    [${COUNTRIES.map((c) => `'${c}'`).join(', ')}][1 + i % ${COUNTRIES.length}] AS country,
    CAST((hash(i) % 1000000) / 100 AS DECIMAL(12, 2)) AS total,
    (hash(i) % 100000) / 7 AS score,
    TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_seconds(i) AS seen
  FROM range(${PEOPLE}) AS r(i)`;

const maskedPeople = (file: string): string => `(
  SELECT id, full_name,
    CASE WHEN email LIKE '_%@%' THEN left(email, 1) || '***' || substr(email, strpos(email, '@')) ELSE '***' END AS email,
    repeat('x', greatest(length(phone) - 2, 0)) || right(phone, 2) AS phone,
    country, total, score, seen
  FROM read_parquet('${file}')
  WHERE ${OWN_COUNTRIES})`;
