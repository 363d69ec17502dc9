/** `/v1/statements/{id}/...`: what a statement gave, how it goes on, and what was decided about it. */
import { Readable } from 'node:stream';
import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GovernanceError } from '../../core/errors.js';
import type { SignedIn } from '../../gateway/authenticate.js';
import type { Statement } from '../../gateway/statements.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { callerOf } from '../../http/caller.js';
import { Answers, ENDINGS } from './answer-schemas.js';
import { keptSource, type RestServices, SERVICES } from './services.js';
import { allTimings, isLive, registeredAnswer } from './statement-answer.js';
import { EventStreams, event, LAST_EVENT, statementEvents } from './statement-events.js';
import { acceptedFormat, type ResultFormat } from './statement-request.js';
import { clientGone, sendChunk, sendStored } from './statement-stream.js';

@ApiTags('statements')
@ApiBearerAuth()
@NeedsScope('statements')
@Controller('v1/statements/:id')
export class ResultsController {
  private readonly following = new EventStreams();

  constructor(@Inject(SERVICES) private readonly services: RestServices) {}

  @Get('chunks/:n')
  @ApiOperation({ operationId: 'getChunk', summary: 'One chunk of the result, repeatable until it expires.' })
  @Answers({ 200: 'chunk' }, [...ENDINGS, 406, 408, 429])
  async chunk(
    @Param('id') id: string,
    @Param('n') n: string,
    @Req() http: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = callerOf(http);
    const statement = await this.finished(caller, id);
    const format = formatOf(http, statement);
    const number = /^\d{1,9}$/.test(n) ? Number(n) : -1;
    const source = keptSource(this.services, caller, statement, clientGone(reply));
    if (format !== 'json') return sendChunk(reply, source, number, format);
    const { json } = await source.chunk(number);
    const last = (statement.result?.chunkCount ?? 0) - 1;
    const nextChunk = number < last ? number + 1 : null;
    void reply.type('application/json').send(`{"chunk":${number},"rows":[${json}],"nextChunk":${nextChunk}}`);
  }

  @Get('stream')
  @ApiOperation({
    operationId: 'streamResult',
    summary: 'The whole kept result on one connection, by Accept; with Range, from where a download broke.',
  })
  @Answers({ 200: 'streamed', 206: 'part' }, [...ENDINGS, 406, 408, 416, 429])
  async stream(
    @Param('id') id: string,
    @Req() http: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = callerOf(http);
    const statement = await this.finished(caller, id);
    const source = keptSource(this.services, caller, statement, clientGone(reply));
    return sendStored(reply, source, formatOf(http, statement), http.headers);
  }

  @Get('events')
  @ApiOperation({
    operationId: 'followStatement',
    summary: 'Server-sent events: state whenever it changes, progress while it runs.',
  })
  @Answers({ 200: 'events', 204: 'seenAll' }, [429])
  async events(
    @Param('id') id: string,
    @Req() http: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { principal } = callerOf(http);
    const found = await this.services.statements.find(principal.user, id);
    const seen = lastSeen(http.headers['last-event-id']);
    const ended = !isLive(found) || found.finishedAt !== undefined;
    // To a client that comes back for more it means: there is none.
    if (ended && seen >= LAST_EVENT) return void reply.status(204).send();
    reply.raw.once('close', this.following.enter(principal.user));
    const mayExplain = (): boolean =>
      isLive(found) && this.services.pipeline.mayExplain(principal, found.governed?.governance.objects);
    const events = isLive(found)
      ? statementEvents(found, { gone: clientGone(reply), seen, mayExplain })
      : [event('state', registeredAnswer(found), LAST_EVENT)];
    void reply
      .header('cache-control', 'no-store')
      .type('text/event-stream')
      .send(Readable.from(events, { objectMode: false }));
  }

  @Get('governance')
  @ApiOperation({ operationId: 'getGovernance', summary: 'What was decided, and why.' })
  @Answers({ 200: 'governance' })
  async governance(@Param('id') id: string, @Req() http: FastifyRequest): Promise<unknown> {
    const found = await this.services.statements.find(callerOf(http).principal.user, id);
    if (isLive(found) && found.governed !== undefined) return found.governed.governance;
    throw new GovernanceError('NOT_FOUND', 'There is no decision on this statement here.');
  }

  @Get('plan')
  @ApiOperation({
    operationId: 'getPlan',
    summary:
      'How the engine runs it: its physical plan and stages. Needs the explain action on each of its tables.',
  })
  @Answers({ 200: 'plan' })
  async plan(@Param('id') id: string, @Req() http: FastifyRequest): Promise<unknown> {
    const { engine, timings, text, stages } = await this.services.statements.plan(callerOf(http), id);
    return { statementId: id, engine, timings: allTimings(timings), plan: text, stages };
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

const lastSeen = (header: string | string[] | undefined): number =>
  typeof header === 'string' && /^\d$/.test(header) ? Number(header) : 0;

const formatOf = (http: FastifyRequest, statement: Statement): ResultFormat =>
  acceptedFormat(http.headers.accept) ?? statement.asked.format ?? 'json';
