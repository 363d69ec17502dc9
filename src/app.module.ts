/**
 * The only place where parts are wired: lake, engine, policies, identities, pipeline and doors, opened in
 * this order and closed in the reverse one.
 */
import { join, resolve } from 'node:path';
import type { Provider } from '@nestjs/common';
import { AlertsController } from './admin/audit/alerts.controller.js';
import { AuditEventsController } from './admin/audit/events.controller.js';
import { AuditLogController } from './admin/audit/log.controller.js';
import { ReceiptsController } from './admin/audit/receipts.controller.js';
import { CatalogController } from './admin/datasets/catalog.controller.js';
import { ensureDemoIdentities } from './admin/identity/demo-identities.js';
import { PrincipalsController } from './admin/identity/principals.controller.js';
import { TokensController } from './admin/identity/tokens.controller.js';
import { LineageController } from './admin/lineage/lineage.controller.js';
import { PoliciesController } from './admin/policies/policies.controller.js';
import { PolicyFiles } from './admin/policies/policy-files.js';
import { PolicyService } from './admin/policies/policy-service.js';
import { PolicyTrialsController } from './admin/policies/policy-trials.controller.js';
import { ReportHistoryController } from './admin/reports/report-history.controller.js';
import { ReportSchedulesController } from './admin/reports/report-schedules.controller.js';
import { ReportsController } from './admin/reports/reports.controller.js';
import type { Config } from './config.js';
import { EnginesController } from './doors/rest/engines.controller.js';
import { ExplainController } from './doors/rest/explain.controller.js';
import { ResultsController } from './doors/rest/results.controller.js';
import { type RestServices, SERVICES } from './doors/rest/services.js';
import { StatementsController } from './doors/rest/statements.controller.js';
import { Authenticator, type JwtSettings } from './gateway/authenticate.js';
import { CancelAny } from './gateway/cancel-any.js';
import { OperationLog } from './gateway/connect/operation-log.js';
import { hashKeys } from './gateway/hash-keys.js';
import { LiveCatalog } from './gateway/live-catalog.js';
import { StatementPipeline } from './gateway/pipeline.js';
import { PolicyHolder } from './gateway/policy-holder.js';
import { RegisterWriter } from './gateway/register-writer.js';
import { Results } from './gateway/results.js';
import type { RunDeps } from './gateway/run-statement.js';
import { Statements } from './gateway/statements.js';
import { Authority } from './http/authority.js';
import { Clock } from './http/clock.js';
import { createHttpApp } from './http/http-app.js';
import { changedTables } from './lake/changed-tables.js';
import { type Engines, openEngines } from './open-engines.js';
import { AdmissionMetrics } from './ops/admission-metrics.js';
import { StopList } from './ops/shutdown.js';
import { type Doors, type GatewayContext, listening } from './start-gateway.js';
import { Database } from './store/database.js';
import { LineageGraphStore } from './store/lineage-graph.js';
import { ObjectMetadataRepository } from './store/object-metadata.js';
import { PrincipalRepository } from './store/principals.js';
import { TableSchemas } from './store/table-schemas.js';
import { TokenRepository } from './store/tokens.js';
import { loginFailed, openAudit } from './wire-audit.js';
import { openAlerts } from './wire-audit-alerts.js';
import { openCache } from './wire-cache.js';
import { openConnect } from './wire-connect.js';
import { defaultCatalog, openWatchedLake } from './wire-lake.js';
import { openLineage } from './wire-lineage.js';
import { reportProviders } from './wire-reports.js';
import { openTables, type Tables } from './wire-tables.js';

const PRINCIPALS_MAX = 10_000;
const STOP_STEP_MS = 5_000;

const clock = (): Date => new Date();

const CONTROLLERS = [
  // Before the statements, whose `:id` would take `explain` for one.
  ExplainController,
  StatementsController,
  ResultsController,
  EnginesController,
  CatalogController,
  LineageController,
  PoliciesController,
  PolicyTrialsController,
  PrincipalsController,
  TokensController,
  AlertsController,
  AuditEventsController,
  AuditLogController,
  ReceiptsController,
  // Before the reports, whose `:kind` would take `history` for one.
  ReportHistoryController,
  ReportSchedulesController,
  ReportsController,
];

export async function openDoors(context: GatewayContext): Promise<Doors> {
  const stops = new StopList((what, error) =>
    context.observe({ kind: 'background-failed', what: `stopping ${what}`, error }),
  );
  try {
    return await open(context, stops);
  } catch (error) {
    await stops.run();
    throw error;
  }
}

async function open(context: GatewayContext, stops: StopList): Promise<Doors> {
  const { config, dataDir, store, observe } = context;
  const audit = await openAudit(context, stops);
  const lake = await openWatchedLake(context, stops);
  const tables = await openTables(context, lake, stops);
  const admission = new AdmissionMetrics(context.metrics.registry);
  const engines = await openEngines(
    config,
    dataDir,
    { lake: lake.directories(), warehouse: tables.warehouse },
    stops,
    admission.observe,
  );
  const { holder, policies } = await openPolicies(context, tables, stops);
  const runDeps = pipelineDeps(context, tables, engines, holder, stops);
  admission.watch(() => engines.counts());
  const pipeline = new StatementPipeline(runDeps);
  const authenticator = openAuthenticator(context);
  const registerWriter = new RegisterWriter({
    register: store.statements,
    onProblem: (error) => observe({ kind: 'background-failed', what: 'the statement register', error }),
  });
  const operations = new OperationLog({ register: registerWriter, clock });
  const statements = new Statements({
    pipeline,
    admission: engines.admission,
    operations,
    register: store.statements,
    registerWriter,
    idempotencyKeys: store.idempotencyKeys,
    results: await openResults(context, stops),
    ttlMs: config.resultTtlMs,
    clock,
    onProblem: (what, error) => observe({ kind: 'background-failed', what, error }),
  });
  const providers = [
    { provide: SERVICES, useValue: restServices(context, pipeline, statements, engines) },
    { provide: Authority, useValue: new Authority(holder, clock) },
    { provide: Clock, useValue: new Clock(clock) },
    { provide: LiveCatalog, useValue: liveCatalog(tables, config) },
    { provide: PolicyHolder, useValue: holder },
    { provide: PolicyService, useValue: policies },
    ...storeProviders(context),
    ...audit.providers,
    ...openAlerts(context, audit, () => tables.snapshot(), stops),
    ...reportProviders(context),
  ];
  const http = await openHttp(context, authenticator, providers, stops);
  const connect = await openConnect(context, {
    authenticator,
    engines,
    pipeline,
    runDeps,
    operations,
  });
  watch(context, engines, holder, tables);
  return {
    http,
    connect: connect?.port ?? null,
    stop: async (graceMs) => {
      await Promise.all([statements.stop(graceMs), connect?.stop(graceMs)]);
      await registerWriter.flush();
      await stops.run();
    },
  };
}

/** Emptied at start and at the end. */
async function openResults({ config, dataDir }: GatewayContext, stops: StopList): Promise<Results> {
  const results = await Results.open({
    directory: join(dataDir, 'results'),
    bytesMax: config.resultsBytesMax,
    bytesPerUserMax: config.resultsBytesPerPrincipalMax,
  });
  stops.add('results', STOP_STEP_MS, () => results.close());
  return results;
}

const liveCatalog = (tables: Tables, config: Config): LiveCatalog =>
  new LiveCatalog(
    () => tables.snapshot(),
    () => tables.refresh(),
    defaultCatalog(config),
  );

const storeProviders = ({ store }: GatewayContext): readonly Provider[] => [
  { provide: Database, useValue: store.database },
  { provide: PrincipalRepository, useValue: store.principals },
  { provide: TokenRepository, useValue: store.tokens },
  { provide: ObjectMetadataRepository, useValue: store.objectMetadata },
  { provide: TableSchemas, useValue: store.tableSchemas },
  { provide: LineageGraphStore, useValue: store.lineage },
];

/** What is in force, from Postgres and from the policies folder. */
async function openPolicies(context: GatewayContext, tables: Tables, stops: StopList) {
  const { config, dataDir, store, observe } = context;
  const onProblem = (document: string, problem: string): void =>
    observe({ kind: 'policy-problem', document, problem });
  const holder = new PolicyHolder({
    documents: store.policies,
    url: store.url,
    onChange: (version) => observe({ kind: 'policy-changed', version }),
    onProblem,
  });
  await holder.start();
  stops.add('policies', STOP_STEP_MS, () => holder.stop());
  if (config.demo) await ensureDemoIdentities(store, dataDir);
  const policies = new PolicyService({
    documents: store.policies,
    holder,
    catalog: () => tables.snapshot(),
    attributeNames: () => attributeNames(context),
  });
  const files = new PolicyFiles({
    directory: resolve(config.policiesDir),
    documents: store.policies,
    holder,
    service: policies,
    onProblem,
  });
  await files.start();
  stops.add('policy files', STOP_STEP_MS, () => files.stop());
  return { holder, policies };
}

const pipelineDeps = (
  context: GatewayContext,
  tables: Tables,
  engines: Engines,
  policies: PolicyHolder,
  stops: StopList,
): RunDeps => {
  const { config, store, maskKey, observe } = context;
  const catalog = () => tables.snapshot();
  return {
    catalog,
    cache: openCache(
      context,
      () => ({ policyVersion: policies.current().version, catalog: catalog() }),
      stops,
    ),
    files: { changed: changedTables, lookAgain: () => tables.refresh() },
    tables: tables.commits,
    writeBytesMax: config.writeBytesMax,
    policies,
    engineFor: (choice) => engines.for(choice),
    clock,
    defaultCatalog: () => defaultCatalog(config),
    recorder: store.recorder,
    limits: {
      timeoutMsDefault: config.statementTimeoutMs,
      timeoutMsMax: config.statementTimeoutMsMax,
      byteLimitDefault: config.byteLimit,
      byteLimitMax: config.byteLimitMax,
      rowLimitMax: config.rowLimitMax,
    },
    hashKey: hashKeys(maskKey),
    converter: engines.converter,
    lineage: openLineage(context, stops),
    observe: (statement) => observe({ kind: 'statement', statement }),
  };
};

const restServices = (
  { store }: GatewayContext,
  pipeline: StatementPipeline,
  statements: Statements,
  engines: Engines,
): RestServices => ({
  pipeline,
  statements,
  cancelAny: new CancelAny(statements, store.statements),
  converter: engines.converter,
  engines: () => engines.status(),
  findPrincipal: async (user) => {
    const found = await store.principals.find(user);
    if (found === null) return undefined;
    const { roles, groups, attributes } = found;
    return { user, roles, groups, attributes, via: 'register' };
  },
});

/** Who is asking, the same at every door. */
function openAuthenticator(context: GatewayContext): Authenticator {
  const jwt = jwtSettings(context.config);
  return new Authenticator({
    tokens: context.store.tokens,
    clock,
    onFailure: loginFailed(context),
    ...(jwt === undefined ? {} : { jwt }),
  });
}

/** Listens; gives the port. */
async function openHttp(
  { config, observe }: GatewayContext,
  authenticator: Authenticator,
  providers: readonly Provider[],
  stops: StopList,
): Promise<number> {
  const app = await createHttpApp({
    controllers: CONTROLLERS,
    providers,
    authenticator,
    bodyBytesMax: config.bodyBytesMax,
    trustProxy: config.trustProxy,
    onUnexpected: (requestId, error) => observe({ kind: 'request-failed', requestId, error }),
  });
  stops.add('http', STOP_STEP_MS, () => app.close());
  await listening('SLUICE_HTTP_PORT', config.host, config.httpPort, () =>
    app.listen(config.httpPort, config.host),
  );
  const { port } = app.getHttpServer().address() as { port: number };
  return port;
}

function jwtSettings(config: Config): JwtSettings | undefined {
  const { jwksUrl, jwksFile, jwtIssuer: issuer, jwtAudience: audience } = config;
  if ((jwksUrl === undefined && jwksFile === undefined) || issuer === undefined || audience === undefined)
    return undefined;
  return {
    issuer,
    audience,
    algorithms: config.jwtAlgorithms,
    claims: {
      user: config.jwtUserClaim,
      roles: config.jwtRolesClaim,
      groups: config.jwtGroupsClaim,
      attributes: config.jwtAttributesClaim,
    },
    ...(jwksFile === undefined ? {} : { jwksFile }),
    ...(jwksUrl === undefined ? {} : { jwksUrl }),
  };
}

/** Names that `:principal.x` may use: what principals of this gateway have. */
async function attributeNames({ store }: GatewayContext): Promise<ReadonlySet<string>> {
  const principals = await store.principals.list(undefined, PRINCIPALS_MAX);
  return new Set(principals.flatMap((principal) => Object.keys(principal.attributes)));
}

function watch(
  { metrics, admin, store }: GatewayContext,
  engines: Engines,
  holder: PolicyHolder,
  tables: Tables,
): void {
  metrics.watch({
    evidenceWaiting: () => store.recorder.waiting,
    engines: () => engines.status(),
    policyVersion: () => holder.current().version,
    catalogTables: () => tables.snapshot().tables.size,
    driftedTables: () =>
      [...tables.snapshot().tables.values()].filter(({ drift }) => drift !== undefined).length,
  });
  admin.addCheck('policies', async () => {
    if (holder.current().version === 0) throw new Error('no policies are in force');
  });
}
