/**
 * Run and reveal: the server's answers on their way to the client, Arrow undecoded. Ids become the client's again, what was
 * counted below row rules is left out, and the word that all were sent goes out when the outcome is on record.
 */
import { GovernanceError } from '../../core/errors.js';
import type { PlanMessage } from '../../core/plan/connect/message.js';
import type { RunLimits } from '../../engines/engine.js';
import { shownSchema } from '../../gateway/connect/spark-type.js';
import { type ConnectMessage, make } from '../../proto/message.js';
import { canceled, type Operation, type Remote } from './operation.js';

interface Answer {
  readonly case?: string;
  readonly value?: PlanMessage;
}

/**
 * Answers of one call for an operation; ends early when the server's stream does, to be taken up again. `gone`: nobody
 * listens to this call any more, and the operation goes on.
 */
export async function* answersOf(
  operation: Operation,
  source: AsyncIterable<PlanMessage>,
  gone: AbortSignal,
): AsyncGenerator<ConnectMessage> {
  const { remote } = operation;
  if (remote === undefined) throw new Error('the operation runs nowhere');
  try {
    for await (const answer of source) {
      if (operation.stopped !== undefined) throw operation.stopped;
      const shown = shownAnswer(operation, remote, answer);
      if (shown === undefined) continue;
      if ((shown.responseType as Answer).case === 'resultComplete') {
        const { rows: rowCount, bytes, schema } = operation;
        await remote.outcome.succeeded({ rowCount, bytes, ...(schema === undefined ? {} : { schema }) });
        operation.settle('succeeded');
        yield shown;
        return;
      }
      yield shown;
    }
  } catch (thrown) {
    if (gone.aborted && operation.stopped === undefined) return;
    const error = operation.stopped ?? thrown;
    // The server may have begun it after it was told to end it.
    if (operation.stopped !== undefined) void operation.interruptRemote();
    await remote.outcome.failed(error);
    operation.settle(isCanceled(error) ? 'canceled' : 'failed');
    throw error;
  }
}

const isCanceled = (error: unknown): boolean =>
  error instanceof GovernanceError && error.code === 'STATEMENT_CANCELED';

function shownAnswer(operation: Operation, remote: Remote, answer: PlanMessage): ConnectMessage | undefined {
  const { case: kind, value } = answer.responseType as Answer;
  const { metrics, observedMetrics, ...rest } = answer;
  const common = {
    ...rest,
    ...idsOf(operation),
    observedMetrics: (observedMetrics as readonly PlanMessage[]).map(shownObservation),
    ...(remote.showsMetrics ? { metrics } : {}),
  } as unknown as ConnectMessage;
  if (answer.schema !== undefined) operation.schema = shownSchema(answer.schema as PlanMessage);
  switch (kind) {
    case undefined:
      // Schema or metrics alone. An answer that is empty now is still one that the client lets go of by its id.
      return common;
    case 'resultComplete':
      return common;
    case 'arrowBatch':
      count(operation, value as PlanMessage, remote.turn.limits);
      return common;
    case 'executionProgress':
      return { ...common, responseType: { case: kind, value: withoutBytesRead(value as PlanMessage) } };
    case 'checkpointCommandResult':
      return { ...common, responseType: { case: kind, value: keptResult(operation, value as PlanMessage) } };
    default:
      throw new Error(`an answer of the kind ${kind} was not asked for`);
  }
}

/** Rows are those of batches; a batch that comes in pieces says so in each. */
function count(operation: Operation, batch: PlanMessage, { byteLimit, rowLimit }: Required<RunLimits>): void {
  const first = batch.chunkIndex === undefined || batch.chunkIndex === 0n;
  if (first) operation.rows += Number(batch.rowCount);
  operation.bytes += (batch.data as Uint8Array).length;
  if (operation.bytes <= byteLimit && operation.rows <= rowLimit) return;
  const error = operation.rows > rowLimit ? tooManyRows(rowLimit) : tooLarge(byteLimit);
  void operation.stop(error);
  throw error;
}

const tooLarge = (byteLimit: number): GovernanceError =>
  new GovernanceError('BYTE_LIMIT_EXCEEDED', `The result is larger than ${byteLimit} bytes.`, {
    remedy: 'Select fewer rows or columns, or write the result to a table.',
    sqlState: '54000',
  });

/** A client of this protocol is not told that a result was cut, so it is none. */
const tooManyRows = (rowLimit: number): GovernanceError =>
  new GovernanceError('ROW_LIMIT_EXCEEDED', `The result has more than ${rowLimit} rows.`, {
    remedy: `Use limit(${rowLimit}), aggregate, or write the result to a table.`,
    sqlState: '54000',
  });

export const idsOf = ({ session, id }: Operation): Readonly<Record<string, string>> => ({
  sessionId: session.id,
  serverSideSessionId: session.serverSideId,
  operationId: id,
});

/** How much was read tells of hidden rows. */
const withoutBytesRead = (progress: PlanMessage): PlanMessage => ({
  ...progress,
  stages: (progress.stages as readonly PlanMessage[]).map((stage) => ({ ...stage, inputBytesRead: 0n })),
});

/** Computed over governed rows; an error of it has a text of the server's. */
function shownObservation(observed: PlanMessage): PlanMessage {
  if (observed.rootErrorIdx === undefined) return observed;
  const error = make('FetchErrorDetailsResponse.Error', {
    errorTypeHierarchy: ['org.apache.spark.SparkException'],
    message: '[ENGINE_ERROR] The engine could not compute the observation.',
  });
  return { ...observed, rootErrorIdx: 0, errors: [error], keys: [], values: [] };
}

/** A result that the server keeps gets an id of ours. */
function keptResult(operation: Operation, result: PlanMessage): PlanMessage {
  const { remote, session } = operation;
  const relation = result.relation as PlanMessage;
  if (remote === undefined) throw canceled();
  const { engine, governance, trace } = remote;
  const relationId = session.keep(engine, { serverId: String(relation.relationId), governance, trace });
  return { ...result, relation: { ...relation, relationId } };
}
