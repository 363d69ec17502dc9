/** `/v1/statements`: run, wait, cancel. */
import { createHash, randomUUID } from 'node:crypto';
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GovernanceError } from '../../core/errors.js';
import type { SignedIn } from '../../gateway/authenticate.js';
import type { KeptChunk } from '../../gateway/results.js';
import type { StatementRequest } from '../../gateway/statement.js';
import type { RegisteredStatement, Statement } from '../../gateway/statements.js';
import { serverTiming } from '../../gateway/timings.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import { callerOf } from '../../http/caller.js';
import { Example } from '../../http/example.js';
import { IDEMPOTENCY_KEY_LENGTH_MAX, ReadsIdempotencyKey } from '../../http/headers.js';
import { Answers, ENDINGS } from './answer-schemas.js';
import { RUN } from './examples.js';
import {
  type ListQuery,
  listQuery,
  type StatementBody,
  statementBody,
  type WaitQuery,
  waitQuery,
} from './schemas.js';
import { keptSource, type RestServices, SERVICES } from './services.js';
import { answerText, isLive, registeredAnswer, registeredError } from './statement-answer.js';
import { listItem, listItemForOthers } from './statement-list.js';
import { acceptedFormat, type ResultFormat, statementRequest } from './statement-request.js';
import { clientGone, sendBytes, sendStored } from './statement-stream.js';

const WAIT_DEFAULT_MS = 10_000;
const RETRY_AFTER_SECONDS = 1;

/** One POST, read. */
interface Posted {
  readonly caller: SignedIn;
  readonly request: StatementRequest;
  readonly body: StatementBody;
  readonly format: ResultFormat;
  readonly reply: FastifyReply;
}

@ApiTags('statements')
@ApiBearerAuth()
@NeedsScope('statements')
@Controller('v1/statements')
export class StatementsController {
  constructor(
    @Inject(SERVICES) private readonly services: RestServices,
    private readonly authority: Authority,
  ) {}

  @Post()
  @HttpCode(200)
  @Example(RUN)
  @ApiOperation({
    operationId: 'runStatement',
    summary:
      'Run a statement; with Accept text/csv, application/x-ndjson, Arrow or Parquet the answer streams.',
  })
  @Answers({ 200: 'posted', 202: 'accepted' }, [...ENDINGS, 406, 408])
  @ReadsIdempotencyKey()
  async run(
    @Body({ schema: statementBody }) body: StatementBody,
    @Headers('idempotency-key') key: string | undefined,
    @Req() http: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const accepted = acceptedFormat(http.headers.accept);
    const request = statementRequest(body);
    const format = request.format ?? accepted ?? 'json';
    const posted: Posted = { caller: callerOf(http), request, body, format, reply };
    if (key !== undefined) return this.runOnce(key, posted);
    // Who names a format and a time to wait wants to hear when it takes longer.
    const waits = request.format !== undefined && body.waitTimeout !== undefined;
    const gone = clientGone(reply);
    if (format !== 'json' && !waits) {
      const { statement, bytes } = await this.services.statements.stream(
        posted.caller,
        request,
        format,
        gone,
      );
      return sendBytes(reply, statement, bytes, format);
    }
    const statement = this.services.statements.submit(posted.caller, request);
    const cancel = (): void => statement.abort.abort();
    gone.addEventListener('abort', cancel, { once: true });
    return this.answerWhenDone(statement, posted);
  }

  /** Of several requests with one key exactly one runs; the others wait for its answer. */
  private async runOnce(key: string, posted: Posted): Promise<void> {
    if (key === '' || key.length > IDEMPOTENCY_KEY_LENGTH_MAX) {
      throw new GovernanceError(
        'BAD_REQUEST',
        `Idempotency-Key has 1 to ${IDEMPOTENCY_KEY_LENGTH_MAX} characters.`,
      );
    }
    const { user } = posted.caller.principal;
    const id = randomUUID();
    const hash = createHash('sha256').update(JSON.stringify(posted.body)).digest();
    const claim = await this.services.statements.claim(user, key, hash, id);
    if (claim.kind === 'mismatch') {
      throw new GovernanceError('IDEMPOTENCY_MISMATCH', 'This Idempotency-Key was used with another body.', {
        remedy: 'Use a new key for a new statement.',
      });
    }
    if (claim.kind === 'new') {
      const { caller, request } = posted;
      return this.answerWhenDone(this.services.statements.submitClaimed(caller, request, key, id), posted);
    }
    const found = await this.services.statements.findClaimed(user, claim.statementId);
    if (isLive(found)) return this.answerWhenDone(found, posted);
    answerElsewhere(found, posted.reply);
  }

  private async answerWhenDone(statement: Statement, posted: Posted): Promise<void> {
    const { body, reply } = posted;
    if (await endedWithin(statement, body.waitTimeout ?? WAIT_DEFAULT_MS))
      return this.answerEnded(statement, posted);
    if (body.onWaitTimeout === 'cancel') {
      statement.abort.abort();
      await statement.ended;
      throw new GovernanceError(
        'WAIT_TIMEOUT_CANCELED',
        'The statement did not finish in time and was cancelled.',
        { remedy: 'Raise waitTimeout, or use onWaitTimeout: continue.' },
      );
    }
    // From here on it can be asked for, also after a crash.
    await this.services.statements.registered();
    void accepted(reply, statement.id).send(answerText(statement, undefined, null));
  }

  private async answerEnded(statement: Statement, { caller, reply, format }: Posted): Promise<void> {
    if (statement.error !== undefined) throw statement.error;
    const source = keptSource(this.services, caller, statement, clientGone(reply));
    if (format !== 'json') return sendStored(reply, source, format);
    sendAnswer(reply, statement, await source.chunk(0));
  }

  @Get()
  @ApiOperation({
    operationId: 'listStatements',
    summary:
      "My statements, newest first: what runs where, and what it waits for. With all=true everybody's.",
  })
  @Answers({ 200: 'statements' })
  async list(
    @Query({ schema: listQuery }) { all, cursor, limit }: ListQuery,
    @Req() http: FastifyRequest,
  ): Promise<unknown> {
    const { user } = all ? this.authority.administrator(http).principal : callerOf(http).principal;
    const { statements } = this.services;
    const { items, nextCursor } = await statements.list(all ? undefined : user, cursor, limit);
    const shown = items.map((item) => {
      const watched = statements.watched(item.id);
      return all ? listItemForOthers(item, watched) : listItem(item, watched);
    });
    return { items: shown, nextCursor };
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getStatement',
    summary: 'A statement; with ?wait=20s once it has ended or that time is over.',
  })
  @Answers({ 200: 'statement' }, [410])
  async get(
    @Param('id') id: string,
    @Query({ schema: waitQuery }) query: WaitQuery,
    @Req() http: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = callerOf(http);
    const found = await this.services.statements.find(caller.principal.user, id);
    if (!isLive(found)) return void reply.send(listItem(found, this.services.statements.watched(id)));
    await endedWithin(found, query.wait ?? 0);
    const kept = found.state === 'succeeded' && found.result !== undefined;
    sendAnswer(reply, found, kept ? await this.services.statements.chunk(caller, found, 0) : undefined);
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @ApiOperation({ operationId: 'cancelStatement', summary: 'Cancel; again and again is the same as once.' })
  @Answers({ 202: 'canceled' })
  async cancel(@Param('id') id: string, @Req() http: FastifyRequest): Promise<unknown> {
    await this.services.statements.cancel(callerOf(http).principal.user, id);
    return { statementId: id };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ operationId: 'removeStatement', summary: 'Close and purge.' })
  @Answers({ 204: 'removed' })
  async remove(@Param('id') id: string, @Req() http: FastifyRequest): Promise<void> {
    await this.services.statements.remove(callerOf(http).principal.user, id);
  }
}

const accepted = (reply: FastifyReply, id: string): FastifyReply =>
  reply
    .status(202)
    .header('location', `/v1/statements/${id}`)
    .header('retry-after', String(RETRY_AFTER_SECONDS))
    .type('application/json');

function sendAnswer(reply: FastifyReply, statement: Statement, rows: KeptChunk | undefined): void {
  const nextChunk = (statement.result?.chunkCount ?? 0) > 1 ? 1 : null;
  void reply
    .header('server-timing', serverTiming(statement.timings))
    .type('application/json')
    .send(answerText(statement, rows?.json, nextChunk));
}

/** Another gateway, or this one before it was started again, ran it: its result is not here. */
function answerElsewhere(found: RegisteredStatement, reply: FastifyReply): void {
  if (found.finishedAt === null) return void accepted(reply, found.id).send(registeredAnswer(found));
  throw (
    registeredError(found) ??
    new GovernanceError('RESULT_EXPIRED', 'The result is no longer kept.', {
      remedy: 'Run the statement again, under a new Idempotency-Key.',
    })
  );
}

/** True when it has ended; waits `ms` at most. */
async function endedWithin(statement: Statement, ms: number): Promise<boolean> {
  if (statement.finishedAt !== undefined) return true;
  if (ms === 0) return false;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([statement.ended, over]);
  clearTimeout(timer);
  return statement.finishedAt !== undefined;
}
