/** `/v1/statements`: run, wait, fetch, cancel. */
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
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GovernanceError } from '../../core/errors.js';
import type { SignedIn } from '../../gateway/authenticate.js';
import type { Statement } from '../../gateway/statements.js';
import { serverTiming } from '../../gateway/timings.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { callerOf } from '../../http/caller.js';
import { type Page, page } from '../../http/schemas.js';
import { chunkText } from './result-text.js';
import { type StatementBody, statementBody, type WaitQuery, waitQuery } from './schemas.js';
import { type RestServices, SERVICES } from './services.js';
import { answerText, isLive, registeredAnswer } from './statement-answer.js';
import { MEDIA_TYPES, type ResultFormat, resultFormat, statementRequest } from './statement-request.js';
import { sendBytes, sendStored } from './statement-stream.js';

const WAIT_DEFAULT_MS = 10_000;
const RETRY_AFTER_SECONDS = 1;
const KEY_LENGTH_MAX = 255;

@ApiTags('statements')
@ApiBearerAuth()
@NeedsScope('statements')
@Controller('v1/statements')
export class StatementsController {
  constructor(@Inject(SERVICES) private readonly services: RestServices) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Run a statement; with Accept text/csv or application/x-ndjson the answer streams.',
  })
  @ApiResponse({ status: 200, description: 'Finished: manifest, first rows, governance.' })
  @ApiResponse({ status: 202, description: 'Still running: Location says where to ask.' })
  async run(
    @Body({ schema: statementBody }) body: StatementBody,
    @Headers('idempotency-key') key: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = callerOf(request);
    const asked = statementRequest(body);
    const format = resultFormat(request.headers.accept, body.format);
    const streams = format !== 'json' && body.waitTimeout === undefined;
    if (key !== undefined) return this.runOnce(key, body, caller, request, reply, format);
    if (streams) {
      const { statement, bytes } = await this.services.statements.stream(caller, asked, format);
      return sendBytes(reply, statement, bytes, format);
    }
    const statement = this.services.statements.submit(caller, asked);
    return this.answerWhenDone(statement, body, request, reply, true);
  }

  /** Of several requests with one key exactly one runs; the others wait for its answer. */
  private async runOnce(
    key: string,
    body: StatementBody,
    caller: SignedIn,
    request: FastifyRequest,
    reply: FastifyReply,
    format: ResultFormat,
  ): Promise<void> {
    if (key === '' || key.length > KEY_LENGTH_MAX) {
      throw new GovernanceError('BAD_REQUEST', `Idempotency-Key has 1 to ${KEY_LENGTH_MAX} characters.`);
    }
    const { user } = caller.principal;
    const id = randomUUID();
    const hash = createHash('sha256')
      .update(JSON.stringify([format, body]))
      .digest();
    const claim = await this.services.statements.claim(user, key, hash, id);
    if (claim.kind === 'mismatch') {
      throw new GovernanceError('IDEMPOTENCY_MISMATCH', 'This Idempotency-Key was used with another body.', {
        remedy: 'Use a new key for a new statement.',
      });
    }
    if (claim.kind === 'new') {
      const statement = this.services.statements.submit(caller, statementRequest(body), id);
      return this.answerWhenDone(statement, body, request, reply, false, format);
    }
    const found = await this.services.statements.find(user, claim.statementId);
    if (isLive(found)) return this.answerWhenDone(found, body, request, reply, false, format);
    void reply.send(registeredAnswer(found));
  }

  private async answerWhenDone(
    statement: Statement,
    body: StatementBody,
    request: FastifyRequest,
    reply: FastifyReply,
    cancelWhenGone: boolean,
    format: ResultFormat = 'json',
  ): Promise<void> {
    const gone = (): void => {
      if (cancelWhenGone && !reply.raw.writableEnded) statement.abort.abort();
    };
    reply.raw.once('close', gone);
    const done = await endedWithin(statement, body.waitTimeout ?? WAIT_DEFAULT_MS);
    reply.raw.off('close', gone);
    if (done) return this.answerEnded(statement, callerOf(request), reply, format);
    if (body.onWaitTimeout === 'cancel') {
      statement.abort.abort();
      await statement.ended;
      throw new GovernanceError(
        'WAIT_TIMEOUT_CANCELED',
        'The statement did not finish in time and was cancelled.',
        {
          remedy: 'Raise waitTimeout, or use onWaitTimeout: continue.',
        },
      );
    }
    void reply
      .status(202)
      .header('location', `/v1/statements/${statement.id}`)
      .header('retry-after', String(RETRY_AFTER_SECONDS))
      .type('application/json')
      .send(answerText(statement, undefined));
  }

  private async answerEnded(
    statement: Statement,
    caller: SignedIn,
    reply: FastifyReply,
    format: ResultFormat,
  ): Promise<void> {
    if (statement.error !== undefined) throw statement.error;
    if (format !== 'json')
      return sendStored(
        reply,
        statement,
        (n) => this.services.statements.chunk(caller, statement, n),
        format,
      );
    const rows = await this.services.statements.chunk(caller, statement, 0);
    void reply
      .header('server-timing', serverTiming(statement.timings))
      .type('application/json')
      .send(answerText(statement, rows));
  }

  @Get()
  @ApiOperation({ summary: 'My statements, newest first.' })
  async list(@Query({ schema: page }) query: Page, @Req() request: FastifyRequest): Promise<unknown> {
    const { user } = callerOf(request).principal;
    const found = await this.services.statements.list(user, query.cursor, query.limit + 1);
    const items = found.slice(0, query.limit).map((statement) => {
      const live = this.services.statements.live(user, statement.id);
      return { ...registeredAnswer(statement), ...(live === undefined ? {} : { state: live.state }) };
    });
    return { items, nextCursor: found.length > query.limit ? (found[query.limit - 1]?.id ?? null) : null };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A statement; with ?wait=20s once it has ended or that time is over.' })
  async get(
    @Param('id') id: string,
    @Query({ schema: waitQuery }) query: WaitQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = callerOf(request);
    const found = await this.services.statements.find(caller.principal.user, id);
    if (!isLive(found)) return void reply.send(registeredAnswer(found));
    await endedWithin(found, query.wait ?? 0);
    const rows =
      found.result === undefined ? undefined : await this.services.statements.chunk(caller, found, 0);
    void reply
      .header('server-timing', serverTiming(found.timings))
      .type('application/json')
      .send(answerText(found, rows));
  }

  @Get(':id/chunks/:n')
  @ApiOperation({ summary: 'One chunk of the result, repeatable until it expires.' })
  async chunk(
    @Param('id') id: string,
    @Param('n') n: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = callerOf(request);
    const statement = await this.finished(caller, id);
    const format = resultFormat(request.headers.accept, undefined);
    const number = /^\d{1,9}$/.test(n) ? Number(n) : -1;
    const rows = await this.services.statements.chunk(caller, statement, number);
    const last = (statement.result?.chunkCount ?? 0) - 1;
    void reply.type(MEDIA_TYPES[format]);
    if (format !== 'json')
      return void reply.send(chunkText(rows, statement.governed?.schema ?? [], format, number === 0));
    void reply.send(`{"chunk":${number},"rows":[${rows}],"nextChunk":${number < last ? number + 1 : null}}`);
  }

  @Get(':id/stream')
  @ApiOperation({ summary: 'The whole kept result on one connection, by Accept.' })
  async stream(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = callerOf(request);
    const statement = await this.finished(caller, id);
    const format = resultFormat(request.headers.accept, undefined);
    return sendStored(reply, statement, (n) => this.services.statements.chunk(caller, statement, n), format);
  }

  @Get(':id/governance')
  @ApiOperation({ summary: 'What was decided, and why.' })
  async governance(@Param('id') id: string, @Req() request: FastifyRequest): Promise<unknown> {
    const found = await this.services.statements.find(callerOf(request).principal.user, id);
    if (isLive(found) && found.governed !== undefined) return found.governed.governance;
    throw new GovernanceError('NOT_FOUND', 'There is no decision on this statement here.');
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @ApiOperation({ summary: 'Cancel; again and again is the same as once.' })
  async cancel(@Param('id') id: string, @Req() request: FastifyRequest): Promise<unknown> {
    await this.services.statements.cancel(callerOf(request).principal.user, id);
    return { statementId: id };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Close and purge.' })
  async remove(@Param('id') id: string, @Req() request: FastifyRequest): Promise<void> {
    await this.services.statements.remove(callerOf(request).principal.user, id);
  }

  private async finished(caller: SignedIn, id: string): Promise<Statement> {
    const found = await this.services.statements.find(caller.principal.user, id);
    if (!isLive(found)) {
      throw new GovernanceError('RESULT_EXPIRED', 'The result is no longer kept.', {
        remedy: 'Run the statement again.',
      });
    }
    if (found.finishedAt === undefined) {
      throw new GovernanceError('CONFLICT', 'The statement has not finished.', {
        remedy: 'Wait for it with ?wait=20s.',
      });
    }
    if (found.error !== undefined) throw found.error;
    return found;
  }
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
