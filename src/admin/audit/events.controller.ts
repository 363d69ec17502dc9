/** `/v1/audit/events`: search, and follow as it grows. */
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Headers, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { eventId } from '../../core/audit/event.js';
import { parseRecord } from '../../core/crypto/canonical-json.js';
import { Answer } from '../../http/answers.js';
import { type AuditCaller, auditCaller, requirePersonal } from '../../http/audit-access.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import type { AuditFilter, FoundEvent } from '../../store/audit-reader.js';
import { EVENTS } from './answer-schemas.js';
import { type EventsQuery, eventsQuery } from './audit-queries.js';
import { AuditTrail } from './audit-trail.js';

const TAIL_PAUSE_MS = 1_000;
const TAIL_EVENTS_MAX = 500;
const KEEP_ALIVE_MS = 15_000;

@ApiTags('audit')
@ApiBearerAuth()
@NeedsScope('audit')
@Controller('v1/audit/events')
export class AuditEventsController {
  constructor(
    private readonly authority: Authority,
    private readonly trail: AuditTrail,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listAuditEvents',
    summary: 'Events, newest first; with Accept: text/event-stream, as they come.',
  })
  @Answer(200, EVENTS)
  async events(
    @Query({ schema: eventsQuery }) query: EventsQuery,
    @Headers('accept') accept: string | undefined,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const who = auditCaller(this.authority, request);
    if (query.principal !== undefined || query.personal === true) requirePersonal(who);
    const personal = who.personal && query.personal !== false;
    const filter = this.filterOf(query);
    const follows = accept?.includes('text/event-stream') === true;
    if (personal) await this.recordReading(who, follows ? 'events, followed' : 'events');
    await this.trail.catchUp();
    if (follows) {
      const after = /^\d{1,15}$/.test(lastEventId ?? '')
        ? Number(lastEventId)
        : await this.trail.reader.lastNumber();
      void reply
        .header('cache-control', 'no-store')
        .type('text/event-stream')
        .send(Readable.from(this.tail(filter, after, personal, goneSignal(reply)), { objectMode: false }));
      return;
    }
    const before = query.cursor === undefined ? undefined : Number(query.cursor);
    const found = await this.trail.reader.search(filter, before, query.limit + 1);
    const shown = found.slice(0, query.limit);
    void reply.send({
      items: shown.map((event) => eventAnswer(event, personal)),
      nextCursor: found.length > shown.length ? String(shown.at(-1)?.number) : null,
    });
  }

  private filterOf(query: EventsQuery): AuditFilter {
    const { principal, object, column, statement, purpose, decision, kind, from, to } = query;
    const isWhole = column?.includes('.') === true || object === undefined;
    return {
      ...(principal === undefined ? {} : { actor: this.trail.pseudonymOf(principal) }),
      ...(object === undefined ? {} : { object }),
      ...(column === undefined ? {} : { column: isWhole ? column : `${object}.${column}` }),
      ...(purpose === undefined ? {} : { purpose }),
      ...(decision === undefined ? {} : { decision }),
      ...(kind === undefined ? {} : { kind }),
      ...(statement === undefined ? {} : { statementId: statement }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    };
  }

  /** That somebody saw who did what is itself on record, before they see it. */
  private recordReading({ caller }: AuditCaller, what: string): Promise<void> {
    const { user } = caller.principal;
    return this.trail.record({
      kind: 'audit.read',
      fields: { actor: this.trail.pseudonymOf(user), what },
      personal: { user, via: caller.principal.via, address: caller.address },
    });
  }

  private async *tail(
    filter: AuditFilter,
    from: number,
    personal: boolean,
    gone: AbortSignal,
  ): AsyncGenerator<string> {
    let after = from;
    let quietSince = Date.now();
    yield ': following\n\n';
    while (!gone.aborted) {
      await this.trail.catchUp();
      const found = await this.trail.reader.following(filter, after, TAIL_EVENTS_MAX);
      for (const event of found)
        yield `id: ${event.number}\nevent: audit\ndata: ${JSON.stringify(eventAnswer(event, personal))}\n\n`;
      after = found.at(-1)?.number ?? after;
      if (found.length > 0) quietSince = Date.now();
      else if (Date.now() - quietSince > KEEP_ALIVE_MS) {
        quietSince = Date.now();
        yield ': still here\n\n';
      }
      if (found.length < TAIL_EVENTS_MAX)
        await sleep(TAIL_PAUSE_MS, undefined, { signal: gone }).catch(() => undefined);
    }
  }
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}

/** What the event says, without where it stands in its shard: the id tells. */
function eventAnswer(event: FoundEvent, personal: boolean): Readonly<Record<string, unknown>> {
  const { v: _, shard: __, seq: ___, personal: committed, ...said } = parseRecord(event.body) ?? {};
  return {
    eventId: eventId(event),
    ...said,
    ...(committed === undefined ? {} : { personal: personalAnswer(event, personal), commitment: committed }),
  };
}

function personalAnswer(event: FoundEvent, disclosed: boolean): unknown {
  if (event.isSealed) return disclosed ? 'sealed' : 'withheld';
  if (event.personal === null) return 'erased';
  return disclosed ? parseRecord(event.personal) : 'withheld';
}
