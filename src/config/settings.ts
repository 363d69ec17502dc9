/**
 * Every setting of the gateway: environment variable, how it is read, default, what it means. The loader,
 * `.env.example` and docs/reference/settings.md come from this table and nothing else.
 */
import { AUDIT_SETTINGS } from './audit-settings.js';
import { LAKE_SETTINGS } from './lake-settings.js';
import { group, optional } from './setting.js';
import { SPARK_SETTINGS } from './spark-settings.js';
import { TRACE_SETTINGS } from './trace-settings.js';
import { boolean, bytes, count, duration, listOf, oneOf, port, text, url } from './values.js';
import { WRITE_SETTINGS } from './write-settings.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MEBIBYTE = 2 ** 20;

const network = group('Network');
const storage = group('Storage');
const engine = group('Engine');
const limits = group('Statements and results');
const login = group('Sign-in');
const operations = group('Operations');
const lineage = group('Lineage');

export const SETTINGS = {
  host: network('SLUICE_HOST', text, '127.0.0.1', 'Address that all ports listen on.'),
  httpPort: network('SLUICE_HTTP_PORT', port, '8080', 'REST API, console and API docs. 0: any free port.'),
  connectPort: network('SLUICE_CONNECT_PORT', port, '15002', 'Spark Connect (gRPC). 0: any free port.'),
  connectTlsCert: optional('Network')(
    'SLUICE_CONNECT_TLS_CERT',
    text,
    'Certificate chain (PEM file) of the Spark Connect port; `sluice keys dev-ca` makes one for tests. Without it: plain text.',
  ),
  connectTlsKey: optional('Network')(
    'SLUICE_CONNECT_TLS_KEY',
    text,
    'Private key (PEM file) of that certificate.',
  ),
  adminPort: network('SLUICE_ADMIN_PORT', port, '8081', 'Health and metrics. 0: any free port.'),
  trustProxy: network(
    'SLUICE_TRUST_PROXY',
    boolean,
    'false',
    'Take the client address from X-Forwarded-For. Only behind a proxy that sets it.',
  ),
  bodyBytesMax: network('SLUICE_BODY_BYTES_MAX', bytes(1_024), '4MiB', 'Largest request body.'),

  dataDir: storage('SLUICE_DATA_DIR', text, '.sluice', 'Folder of everything the gateway keeps on disk.'),
  databaseUrl: optional('Storage', true)(
    'SLUICE_DATABASE_URL',
    url('postgres://', 'postgresql://'),
    'Postgres to use. Without it an embedded Postgres runs in the data folder.',
  ),
  databaseOwnerUrl: optional('Storage', true)(
    'SLUICE_DATABASE_OWNER_URL',
    url('postgres://', 'postgresql://'),
    'Role that owns the tables and runs migrations. Without it SLUICE_DATABASE_URL is used for both.',
  ),
  databaseConnectionsMax: storage(
    'SLUICE_DATABASE_CONNECTIONS_MAX',
    count(2, 200),
    '10',
    'Connections to Postgres in the pool.',
  ),
  migrate: storage('SLUICE_MIGRATE', boolean, 'true', 'Bring the database up to date at start.'),
  maskKey: optional('Storage', true)(
    'SLUICE_MASK_KEY',
    text,
    'Master key of hash masks, 64 or more hex digits; the same on every gateway. Without it one is made and kept in the data folder.',
  ),

  ...LAKE_SETTINGS,

  engine: engine('SLUICE_ENGINE', oneOf('duckdb', 'spark'), 'duckdb', 'Engine for `engine: auto`.'),
  duckdbMemory: optional('Engine')(
    'SLUICE_DUCKDB_MEMORY',
    bytes(64 * MEBIBYTE),
    'Memory of DuckDB in total. Without it: half of the machine.',
  ),
  duckdbThreads: optional('Engine')(
    'SLUICE_DUCKDB_THREADS',
    count(1, 256),
    'Threads of DuckDB in total. Without it: one per core.',
  ),
  duckdbTempDir: optional('Engine')(
    'SLUICE_DUCKDB_TEMP_DIR',
    text,
    'Folder for what does not fit into memory. Without it: below the data folder.',
  ),
  duckdbTempBytesMax: engine(
    'SLUICE_DUCKDB_TEMP_BYTES_MAX',
    bytes(0),
    '20GiB',
    'Most that DuckDB may spill.',
  ),
  runningMax: engine(
    'SLUICE_RUNNING_MAX',
    count(1, 256),
    '4',
    'Statements that run on DuckDB at the same time.',
  ),
  queueMax: engine('SLUICE_QUEUE_MAX', count(1, 100_000), '200', 'Statements that may wait, in total.'),
  queuePerPrincipalMax: engine(
    'SLUICE_QUEUE_PER_PRINCIPAL_MAX',
    count(1, 100_000),
    '50',
    'Statements of one principal that may wait.',
  ),

  statementTimeoutMs: limits(
    'SLUICE_STATEMENT_TIMEOUT',
    duration(100, DAY_MS),
    '5m',
    'Time a statement may run when it does not ask for another.',
  ),
  statementTimeoutMsMax: limits(
    'SLUICE_STATEMENT_TIMEOUT_MAX',
    duration(100, 7 * DAY_MS),
    '1h',
    'Longest time a statement may ask for.',
  ),
  rowLimitMax: limits('SLUICE_ROW_LIMIT_MAX', count(1, 1e12), '100000000', 'Most rows in one result.'),
  byteLimit: limits('SLUICE_BYTE_LIMIT', bytes(1_024), '1GiB', 'Bytes of a result when none are asked for.'),
  byteLimitMax: limits('SLUICE_BYTE_LIMIT_MAX', bytes(1_024), '16GiB', 'Most bytes a statement may ask for.'),
  resultTtlMs: limits(
    'SLUICE_RESULT_TTL',
    duration(SECOND_MS, 30 * DAY_MS),
    '1h',
    'How long results can be fetched.',
  ),
  resultsBytesMax: limits(
    'SLUICE_RESULTS_BYTES_MAX',
    bytes(MEBIBYTE),
    '8GiB',
    'Kept results, in total. What does not fit any more is expired, oldest first.',
  ),
  resultsBytesPerPrincipalMax: limits(
    'SLUICE_RESULTS_BYTES_PER_PRINCIPAL_MAX',
    bytes(MEBIBYTE),
    '2GiB',
    'Kept results of one principal: further ones expire their own oldest, never those of others.',
  ),

  resultCacheBytesMax: limits(
    'SLUICE_RESULT_CACHE_BYTES_MAX',
    bytes(0),
    '64MiB',
    'Memory for answers that are given again while nothing they are made of has changed. 0: none.',
  ),
  resultCacheEntryBytesMax: limits(
    'SLUICE_RESULT_CACHE_ENTRY_BYTES_MAX',
    bytes(1_024),
    '4MiB',
    'Largest answer that is kept for that.',
  ),
  resultCacheAgeMs: limits(
    'SLUICE_RESULT_CACHE_AGE',
    duration(SECOND_MS, DAY_MS),
    '5m',
    'How long an answer is given again.',
  ),

  jwksUrl: optional('Sign-in')(
    'SLUICE_JWKS_URL',
    url('https://', 'http://'),
    'Keys that JWTs are checked against. With neither this nor SLUICE_JWKS_FILE, JWTs are not accepted.',
  ),
  jwksFile: optional('Sign-in')('SLUICE_JWKS_FILE', text, 'The same as a file.'),
  jwtIssuer: optional('Sign-in')('SLUICE_JWT_ISSUER', text, 'The `iss` that JWTs must carry.'),
  jwtAudience: optional('Sign-in')('SLUICE_JWT_AUDIENCE', text, 'The `aud` that JWTs must carry.'),
  jwtAlgorithms: login(
    'SLUICE_JWT_ALGORITHMS',
    listOf('RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'),
    'RS256,ES256',
    'Signature algorithms that are accepted.',
  ),
  jwtUserClaim: login('SLUICE_JWT_USER_CLAIM', text, 'sub', 'Claim with the user name.'),
  jwtRolesClaim: login('SLUICE_JWT_ROLES_CLAIM', text, 'roles', 'Claim with the roles.'),
  jwtGroupsClaim: login('SLUICE_JWT_GROUPS_CLAIM', text, 'groups', 'Claim with the groups.'),
  jwtAttributesClaim: login(
    'SLUICE_JWT_ATTRIBUTES_CLAIM',
    text,
    'attributes',
    'Claim with an object of attributes for row rules.',
  ),

  lineageNamespace: lineage(
    'SLUICE_LINEAGE_NAMESPACE',
    text,
    'sluice',
    'Namespace of datasets and jobs in lineage; one per installation.',
  ),
  openLineageUrl: optional('Lineage')(
    'SLUICE_OPENLINEAGE_URL',
    url('http://', 'https://'),
    'Endpoint that OpenLineage run events are sent to.',
  ),
  openLineageToken: optional('Lineage', true)(
    'SLUICE_OPENLINEAGE_TOKEN',
    text,
    'Bearer token for that endpoint.',
  ),

  ...SPARK_SETTINGS,
  ...WRITE_SETTINGS,

  ...AUDIT_SETTINGS,

  ...TRACE_SETTINGS,

  logLevel: operations(
    'SLUICE_LOG_LEVEL',
    oneOf('debug', 'info', 'warn', 'error', 'silent'),
    'info',
    'What is logged. No level logs data values or secrets.',
  ),
  evidenceTimeoutMs: operations(
    'SLUICE_EVIDENCE_TIMEOUT',
    duration(100, MINUTE_MS),
    '2s',
    'Wait for the record of a statement before it is refused.',
  ),
  evidenceQueueMax: operations(
    'SLUICE_EVIDENCE_QUEUE_MAX',
    count(1, 100_000),
    '2000',
    'Records that may wait to be written.',
  ),
  evidenceSpool: operations(
    'SLUICE_EVIDENCE_SPOOL',
    oneOf('off', 'outcomes', 'all'),
    'off',
    'What may be recorded on the own disk while Postgres is away. off: nothing, statements get 503. outcomes: what runs may end. all: statements may begin, without re-reading policies and tokens.',
  ),
  shutdownTimeoutMs: operations(
    'SLUICE_SHUTDOWN_TIMEOUT',
    duration(0, HOUR_MS),
    '8s',
    'Time running statements get to end before they are cancelled and everything stops.',
  ),
} as const;

/**
 * Names with our prefix that belong to the command line and the tests; the gateway does not read them, nor
 * mind them.
 */
export const OTHER_NAMES: readonly string[] = [
  'SLUICE_URL',
  'SLUICE_TOKEN',
  'SLUICE_TOKEN_FILE',
  'SLUICE_CACHE_DIR',
  'SLUICE_LONG',
];
