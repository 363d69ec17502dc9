/** `/v1/statements/{id}/receipt`. */
import { Controller, Get, Param, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { type Receipt, signReceipt } from '../../core/audit/receipt.js';
import { parseRecord } from '../../core/crypto/canonical-json.js';
import type { SigningJwk } from '../../core/crypto/jws.js';
import { GovernanceError } from '../../core/errors.js';
import type { SignedIn } from '../../gateway/authenticate.js';
import { Answer, Refuses } from '../../http/answers.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import { callerOf } from '../../http/caller.js';
import { RECEIPT } from './answer-schemas.js';
import { AuditTrail } from './audit-trail.js';

@ApiTags('statements')
@ApiBearerAuth()
@NeedsScope('statements')
@Controller('v1/statements/:id/receipt')
export class ReceiptsController {
  constructor(
    private readonly authority: Authority,
    private readonly trail: AuditTrail,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'getReceipt',
    summary: 'What was decided and handed out, signed, with its proofs: checked with nothing else at hand.',
  })
  @Answer(200, RECEIPT)
  @Refuses(409)
  async receipt(@Param('id') id: string, @Req() request: FastifyRequest): Promise<Receipt> {
    const caller = callerOf(request);
    await this.trail.catchUp();
    const checkpoint = await this.trail.reader.lastCheckpoint();
    const [intentPlace, outcomePlace] = await this.trail.proofs.placesOf(id, [
      'statement.intent',
      'statement.outcome',
    ]);
    if (intentPlace === undefined || checkpoint === undefined) throw noReceipt();
    const intent = await this.trail.proofs.ofEvent(intentPlace, checkpoint.size);
    if (intent === undefined || !this.isTheirs(caller, intent.event)) throw noReceipt();
    const outcome = outcomePlace && (await this.trail.proofs.ofEvent(outcomePlace, checkpoint.size));
    if (outcome === undefined)
      throw new GovernanceError('CONFLICT', 'The statement has not ended.', {
        remedy: 'Wait for it with ?wait=20s.',
      });
    const key = (await this.trail.reader.keys()).find(({ kid }) => kid === checkpoint.kid);
    if (key === undefined) throw new Error('the key of a checkpoint is not in the register');
    return signReceipt(this.trail.signer, {
      logKey: { vkey: key.vkey, jwk: JSON.parse(key.jwk) as SigningJwk },
      checkpoint: { note: checkpoint.note, jws: checkpoint.jws },
      intent,
      outcome,
    });
  }

  /** Whoever asked gets the receipt, by the name the log has for them; administrators get any. */
  private isTheirs(caller: SignedIn, event: string): boolean {
    const asked = parseRecord(event)?.actor === this.trail.pseudonymOf(caller.principal.user);
    return asked || this.authority.administers(caller);
  }
}

const noReceipt = (): GovernanceError =>
  new GovernanceError('NOT_FOUND', 'There is no receipt for such a statement of yours.', {
    remedy: 'Only statements that were decided and ran have one.',
  });
