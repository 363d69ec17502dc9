/**
 * `df.writeStream...start()` as what it may say: names, an output mode, a trigger. Where checkpoints and files lie is not
 * a client's to choose, and a sink that is code or a path has no place here.
 */
import { tableNameParts } from './identifiers.js';
import { type MessageSchema, type PlanMessage, textOf } from './message.js';
import { notAllowed } from './require-allowed.js';

export type StreamSink =
  /** Rows in the server's memory, read as a temporary view of this name. */
  | { readonly kind: 'memory'; readonly name: string }
  /** Nowhere. */
  | { readonly kind: 'noop' }
  /** Rows of a table; `checkpoint` tells two streams of one name apart. */
  | { readonly kind: 'table'; readonly name: readonly string[]; readonly checkpoint: string };

export interface StreamStart {
  readonly sink: StreamSink;
  readonly name: string | undefined;
  readonly outputMode: 'append' | 'complete' | 'update';
  /** As the protocol has it. */
  readonly trigger: { readonly case: string; readonly value: string | boolean } | undefined;
}

const FIELDS = new Set(
  `input format options outputMode queryName processingTimeInterval availableNow once tableName path
   foreachWriter foreachBatch partitioningColumnNames clusteringColumnNames continuousCheckpointInterval
   realTimeBatchDuration`.split(/\s+/),
);
const NAME = /^[\p{L}\p{N}_ .-]{1,100}$/u;
const PLAIN_NAME = /^[\p{L}\p{N}_-]{1,100}$/u;
const INTERVAL = /^[A-Za-z0-9 .]{1,100}$/;
const OUTPUT_MODES = ['append', 'complete', 'update'] as const;
const NAMES_ONLY = 'Use toTable("work.<user>.t"), or format("memory") with a queryName.';

/** Throws FEATURE_NOT_ALLOWED for what a stream may not say. Code in it is for the caller to ask about first. */
export function readStreamStart(command: PlanMessage, schema: MessageSchema): StreamStart {
  if (schema.hasUnknown(command)) throw notAllowed('An unknown field of WriteStreamOperationStart');
  const unknown = schema.setFields(command).find(({ name }) => !FIELDS.has(name));
  if (unknown !== undefined) throw notAllowed(`WriteStreamOperationStart.${unknown.name}`);
  refuseLayout(command);
  const given = textOf(command, 'queryName');
  if (given !== '' && !NAME.test(given)) {
    throw notAllowed('A name of a query like this', 'Use letters, digits, spaces, dots, - and _.');
  }
  const name = given === '' ? undefined : given;
  const sink = readSink(command, name);
  const outputMode = readMode(command);
  if (sink.kind === 'table' && outputMode === 'update') {
    throw notAllowed('The output mode update into a table', 'Say append or complete.');
  }
  return {
    sink,
    name,
    outputMode,
    trigger: readTrigger(command),
  };
}

export const holdsCode = (command: PlanMessage): boolean =>
  command.foreachWriter !== undefined || command.foreachBatch !== undefined;

function refuseLayout(command: PlanMessage): void {
  for (const field of ['partitioningColumnNames', 'clusteringColumnNames']) {
    if ((command[field] as readonly string[]).length > 0) {
      throw notAllowed('A layout of files', 'Leave it out: files are written in one way.');
    }
  }
}

/** The one option there is: the name of a checkpoint, in the table that it belongs to. Any path is refused. */
function readCheckpoint(command: PlanMessage, intoTable: boolean): string {
  let name = '';
  for (const [option, value] of Object.entries((command.options ?? {}) as Readonly<Record<string, string>>)) {
    const checkpoint = option.toLowerCase() === 'checkpointlocation';
    if (checkpoint && intoTable && PLAIN_NAME.test(value)) {
      name = value;
      continue;
    }
    throw notAllowed(
      `The option ${JSON.stringify(option.slice(0, 60))} of a stream`,
      checkpoint && intoTable
        ? 'Leave it out, or give a plain name: the checkpoint lies with the table.'
        : 'Leave it out.',
    );
  }
  return name;
}

function readSink(command: PlanMessage, name: string | undefined): StreamSink {
  const { case: kind } = command.sinkDestination as { readonly case?: string };
  const format = textOf(command, 'format').toLowerCase();
  if (kind === 'path') throw notAllowed('A path to stream to', NAMES_ONLY);
  const checkpoint = readCheckpoint(command, kind === 'tableName');
  if (kind === 'tableName') return readTable(command, format, checkpoint || (name ?? ''));
  if (format === 'noop') return { kind: 'noop' };
  if (format !== 'memory') {
    throw notAllowed(`The sink ${JSON.stringify(format.slice(0, 60))}`, NAMES_ONLY);
  }
  if (name === undefined) throw notAllowed('A memory sink without a queryName', NAMES_ONLY);
  return { kind: 'memory', name };
}

/** Streams write Delta tables: their log says which batches are in them. */
function readTable(command: PlanMessage, format: string, checkpoint: string): StreamSink {
  if (format !== '' && format !== 'delta') {
    throw notAllowed(
      `A stream into a table of the format ${JSON.stringify(format.slice(0, 60))}`,
      'Leave the format out, or say format("delta").',
    );
  }
  const { value } = command.sinkDestination as { readonly value?: unknown };
  return { kind: 'table', name: tableNameParts(String(value)), checkpoint };
}

function readMode(command: PlanMessage): StreamStart['outputMode'] {
  const said = textOf(command, 'outputMode').toLowerCase();
  const mode = OUTPUT_MODES.find((each) => each === (said === '' ? 'append' : said));
  if (mode === undefined) throw notAllowed('This output mode', 'Say append, complete or update.');
  return mode;
}

function readTrigger(command: PlanMessage): StreamStart['trigger'] {
  const trigger = command.trigger as { readonly case?: string; readonly value?: string | boolean };
  const { case: kind, value = true } = trigger;
  if (kind === undefined) return undefined;
  if (kind === 'availableNow' || kind === 'once') return { case: kind, value: true };
  if (kind === 'processingTimeInterval' && INTERVAL.test(String(value))) return { case: kind, value };
  throw notAllowed('This trigger', 'Use availableNow=True or processingTime="10 seconds".');
}
