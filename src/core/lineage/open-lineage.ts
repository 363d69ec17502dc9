/**
 * A statement as OpenLineage run events (spec 2-0-2, column lineage facet 1-2-0): one START, then one of COMPLETE,
 * FAIL and ABORT. The job is the statement's shape under the same masks and row rules, so that the same question asked
 * again is a further run of the same job. Literals, people and row values are never in it.
 */
import type { Flow } from './flow.js';
import type { LineageInput, StatementLineage } from './lineage.js';

const SPEC = 'https://openlineage.io/spec';
const EVENT_SCHEMA = `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`;
/** Consumers cut longer names (Dataplex: 4,000). */
const SQL_CHARS_MAX = 4_000;

export type RunState = 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';

export interface LineageRun {
  /** A UUID: the statement's id. */
  readonly statementId: string;
  /** Where the names of datasets and jobs are unique: one per installation. */
  readonly namespace: string;
  /** SHA-256 hex of the statement's shape, of what it writes, and of which columns and tables policies changed. */
  readonly jobHash: string;
  /** Statement with its literals taken out. */
  readonly shape: string;
  readonly planHash: string;
  readonly engine: string;
  readonly policyVersion: number;
  readonly decisionId: string;
  readonly purpose: string | null;
  readonly objects: readonly string[];
  /** The table that it writes; undefined: it has a result. */
  readonly target?: WrittenTable;
  /** Rules that filtered, by object: they explain the flows that a policy made. */
  readonly filteredTables: readonly { readonly object: string; readonly rules: readonly string[] }[];
  readonly maskedColumns: readonly {
    readonly object: string;
    readonly column: string;
    readonly rule: string;
  }[];
  readonly schema: readonly { readonly name: string; readonly type: string }[];
  readonly lineage: StatementLineage;
  /** False: what the columns of the output are called was never told. */
  readonly named: boolean;
}

/** What becomes of the table, in OpenLineage's words. */
export interface WrittenTable {
  readonly object: string;
  /** Absent: rows came, went or changed; the table is the same one. */
  readonly change?: 'CREATE' | 'OVERWRITE' | 'DROP';
}

export interface RunEnd {
  readonly rowCount?: number;
  readonly bytes?: number;
  /** Code of the error; its text stays here. */
  readonly code?: string;
}

export interface Producer {
  /** URI of this software at this version. */
  readonly uri: string;
  readonly name: string;
  readonly version: string;
}

/** `at` is ISO 8601. Plain JSON. */
export function runEvent(
  producer: Producer,
  run: LineageRun,
  state: RunState,
  at: string,
  end: RunEnd = {},
): Record<string, unknown> {
  const facet = facetsOf(producer);
  return {
    eventType: state,
    eventTime: at,
    producer: producer.uri,
    schemaURL: EVENT_SCHEMA,
    run: { runId: run.statementId, facets: runFacets(run, end, facet, producer) },
    job: {
      namespace: run.namespace,
      name: jobName(run),
      facets: {
        jobType: facet('2-0-4', 'JobTypeJobFacet', {
          processingType: 'BATCH',
          integration: 'SLUICE',
          jobType: run.target === undefined ? 'QUERY' : 'COMMAND',
        }),
        sql: facet('1-1-0', 'SQLJobFacet', { query: run.shape.slice(0, SQL_CHARS_MAX), dialect: 'spark' }),
      },
    },
    inputs: run.objects.map((name) => ({ namespace: run.namespace, name })),
    outputs: state === 'START' ? outputsAhead(run) : [outputDataset(run, end, facet)],
  };
}

export const jobName = (run: Pick<LineageRun, 'jobHash'>): string => `statement.${run.jobHash.slice(0, 32)}`;
/** A result has no place of its own: it is named after what made it. */
export const resultName = (run: Pick<LineageRun, 'jobHash'>): string => `result.${run.jobHash.slice(0, 32)}`;

/** What its output is called. */
export const targetName = (run: Pick<LineageRun, 'jobHash' | 'target'>): string =>
  run.target?.object ?? resultName(run);

/** Before it has run: the table that it will write is known, a result is not there yet. */
const outputsAhead = ({ namespace, target }: LineageRun) =>
  target === undefined ? [] : [{ namespace, name: target.object }];

type Facet = (version: string, name: string, body: Record<string, unknown>) => Record<string, unknown>;

const facetsOf =
  (producer: Producer): Facet =>
  (version, name, body) => ({
    _producer: producer.uri,
    _schemaURL: `${SPEC}/facets/${version}/${name}.json#/$defs/${name}`,
    ...body,
  });

const runFacets = (run: LineageRun, end: RunEnd, facet: Facet, producer: Producer) => ({
  processing_engine: facet('1-1-1', 'ProcessingEngineRunFacet', {
    version: producer.version,
    name: run.engine,
    openlineageAdapterVersion: producer.version,
  }),
  gov: {
    _producer: producer.uri,
    _schemaURL: `${producer.uri}#gov-run-facet`,
    policyVersion: run.policyVersion,
    decisionId: run.decisionId,
    planHash: run.planHash,
    purpose: run.purpose,
    rowFilters: run.filteredTables,
    columnMasks: run.maskedColumns,
    lineageTruncated: run.lineage.truncated,
    lineageApproximate: run.lineage.approximate,
  },
  ...(end.code === undefined
    ? {}
    : {
        errorMessage: facet('1-0-1', 'ErrorMessageRunFacet', {
          message: end.code,
          programmingLanguage: 'SQL',
        }),
      }),
});

function outputDataset(run: LineageRun, end: RunEnd, facet: Facet): Record<string, unknown> {
  const described = describing(run);
  const fields = new Map<string, LineageInput[]>();
  for (const { name, inputs } of run.lineage.outputs)
    fields.set(name, [...(fields.get(name) ?? []), ...inputs]);
  return {
    namespace: run.namespace,
    name: targetName(run),
    facets: {
      ...(run.target?.change === undefined
        ? {}
        : {
            lifecycleStateChange: facet('1-0-1', 'LifecycleStateChangeDatasetFacet', {
              lifecycleStateChange: run.target.change,
            }),
          }),
      schema: facet('1-2-0', 'SchemaDatasetFacet', {
        fields: run.schema.map(({ name, type }) => ({ name, type })),
      }),
      columnLineage: facet('1-2-0', 'ColumnLineageDatasetFacet', {
        fields: Object.fromEntries(
          [...fields].map(([name, inputs]) => [name, { inputFields: inputs.map(described) }]),
        ),
        dataset: run.lineage.dataset.map(described),
      }),
    },
    ...(end.rowCount === undefined
      ? {}
      : {
          outputFacets: {
            outputStatistics: facet('1-0-2', 'OutputStatisticsOutputDatasetFacet', {
              rowCount: end.rowCount,
              ...(end.bytes === undefined ? {} : { size: end.bytes }),
            }),
          },
        }),
  };
}

function describing(run: LineageRun): (input: LineageInput) => Record<string, unknown> {
  const filters = new Map(run.filteredTables.map(({ object, rules }) => [object, rules.join(', ')]));
  const masks = new Map(run.maskedColumns.map(({ object, column, rule }) => [`${object}.${column}`, rule]));
  const description = (input: LineageInput, flow: Flow): string | undefined => {
    if (!flow.policy) return undefined;
    const rule =
      flow.subtype === 'FILTER' ? filters.get(input.table) : masks.get(`${input.table}.${input.column}`);
    return `policy:${rule ?? ''}`;
  };
  return (input) => ({
    namespace: run.namespace,
    name: input.table,
    field: input.column,
    transformations: input.flows.map((flow) => {
      const told = description(input, flow);
      return {
        type: flow.type,
        subtype: flow.subtype,
        masking: flow.masking,
        ...(told === undefined ? {} : { description: told }),
      };
    }),
  });
}
