/** `/v1/audit`: checkpoints, proofs, the whole log as a file, and the erasing of personal parts. */
import { Readable } from 'node:stream';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { eventId, parseEventId } from '../../core/audit/event.js';
import { GovernanceError } from '../../core/errors.js';
import { Answer } from '../../http/answers.js';
import { auditCaller, requirePersonal } from '../../http/audit-access.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import { Clock } from '../../http/clock.js';
import { Example } from '../../http/example.js';
import type { StoredCheckpoint } from '../../store/audit-reader.js';
import { CHECKPOINTS, CONSISTENCY, ERASED, EXPORT, PROOF, PSEUDONYMS } from './answer-schemas.js';
import {
  type CheckpointsQuery,
  type ConsistencyQuery,
  checkpointsQuery,
  consistencyQuery,
  type ErasureBody,
  type ExportQuery,
  erasureBody,
  exportQuery,
  type HashBody,
  hashBody,
  type ProofQuery,
  proofQuery,
} from './audit-queries.js';
import { AuditTrail } from './audit-trail.js';
import { ASK_PSEUDONYMS, ERASE } from './examples.js';

@ApiTags('audit')
@ApiBearerAuth()
@NeedsScope('audit')
@Controller('v1/audit')
export class AuditLogController {
  constructor(
    private readonly authority: Authority,
    private readonly trail: AuditTrail,
    private readonly clock: Clock,
  ) {}

  @Get('checkpoints')
  @ApiOperation({
    operationId: 'listCheckpoints',
    summary: 'Signed checkpoints, newest first. Keep one elsewhere: it is what the log is held to.',
  })
  @Answer(200, CHECKPOINTS)
  async checkpoints(
    @Query({ schema: checkpointsQuery }) query: CheckpointsQuery,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    auditCaller(this.authority, request);
    await this.trail.catchUp();
    const below = query.cursor === undefined ? undefined : Number(query.cursor);
    const found = await this.trail.reader.checkpoints(below, query.limit + 1);
    const shown = found.slice(0, query.limit);
    return {
      items: shown.map(checkpointAnswer),
      nextCursor: found.length > shown.length ? String(shown.at(-1)?.size) : null,
    };
  }

  @Get('proofs')
  @ApiOperation({
    operationId: 'getConsistencyProof',
    summary: 'That the log of the second size continues the log of the first.',
  })
  @Answer(200, CONSISTENCY)
  async consistency(
    @Query({ schema: consistencyQuery }) { first, second }: ConsistencyQuery,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    auditCaller(this.authority, request);
    await this.trail.catchUp();
    const size = (await this.trail.reader.lastCheckpoint())?.size ?? 0;
    if (first > second || second > size)
      throw new GovernanceError('BAD_REQUEST', `first <= second <= ${size}: the log has that size.`);
    return { first, second, proof: await this.trail.proofs.ofConsistency(first, second) };
  }

  @Get('proofs/:eventId')
  @ApiOperation({
    operationId: 'getEventProof',
    summary: 'That an event is in the log, up to a signed checkpoint.',
  })
  @Answer(200, PROOF)
  async proof(
    @Param('eventId') id: string,
    @Query({ schema: proofQuery }) query: ProofQuery,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    auditCaller(this.authority, request);
    const place = parseEventId(id);
    await this.trail.catchUp();
    const below = query.size === undefined ? undefined : query.size + 1;
    const [checkpoint] = await this.trail.reader.checkpoints(below, 1);
    const proof =
      place === undefined || checkpoint === undefined
        ? undefined
        : await this.trail.proofs.ofEvent(place, checkpoint.size);
    if (proof === undefined || checkpoint === undefined)
      throw new GovernanceError('NOT_FOUND', 'There is no such event in the log of this size.');
    const key = (await this.trail.reader.keys()).find(({ kid }) => kid === checkpoint.kid);
    return {
      eventId: id,
      ...proof,
      checkpoint: checkpointAnswer(checkpoint),
      key: key === undefined ? null : { kid: key.kid, vkey: key.vkey, jwk: JSON.parse(key.jwk) },
    };
  }

  @Get('export')
  @ApiOperation({
    operationId: 'exportAuditLog',
    summary: 'The whole log as NDJSON, for `sluice audit verify`.',
  })
  @Answer(200, EXPORT)
  async export(
    @Query({ schema: exportQuery }) { personal }: ExportQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const who = auditCaller(this.authority, request);
    if (personal) requirePersonal(who);
    const { user, via } = who.caller.principal;
    await this.trail.record({
      kind: 'audit.read',
      fields: {
        actor: this.trail.pseudonymOf(user),
        what: personal ? 'export with personal parts' : 'export',
      },
      personal: { user, via, address: who.caller.address },
    });
    await this.trail.catchUp();
    const body = Readable.from(this.trail.export(personal), { objectMode: false });
    // Cut off, it has no end line, and the verifier says so.
    body.once('error', () => reply.raw.destroy());
    void reply
      .header('content-disposition', 'attachment; filename="sluice-audit.ndjson"')
      .type('application/x-ndjson')
      .send(body);
  }

  @Post('hash')
  @HttpCode(200)
  @Example(ASK_PSEUDONYMS)
  @ApiOperation({
    operationId: 'getPseudonyms',
    summary: 'The pseudonyms that people have in the log. What was asked for is not stored.',
  })
  @Answer(200, PSEUDONYMS)
  async hash(
    @Body({ schema: hashBody }) { principals }: HashBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    const who = auditCaller(this.authority, request);
    requirePersonal(who);
    const { user, via } = who.caller.principal;
    await this.trail.record({
      kind: 'audit.read',
      fields: { actor: this.trail.pseudonymOf(user), what: `pseudonyms of ${principals.length}` },
      personal: { user, via, address: who.caller.address },
    });
    return { items: principals.map((principal) => ({ actor: this.trail.pseudonymOf(principal) })) };
  }

  @Post('erasures')
  @HttpCode(200)
  @Example(ERASE)
  @ApiOperation({
    operationId: 'eraseEvents',
    summary: 'Erase the personal parts of events. The log says that it was done; proofs still hold.',
  })
  @Answer(200, ERASED)
  async erase(
    @Body({ schema: erasureBody }) { events, reason }: ErasureBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    this.authority.administrator(request);
    const erased = await this.trail.erasure.erase(events, reason, this.clock.now());
    return { events: events.map(eventId), erased };
  }
}

const checkpointAnswer = ({ size, previousSize, kid, note, jws, at }: StoredCheckpoint) => ({
  size,
  previousSize,
  root: note.split('\n')[2],
  at: at.toISOString(),
  kid,
  note,
  jws,
});
