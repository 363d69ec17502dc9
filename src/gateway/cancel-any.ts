/**
 * Cancels a statement whoever's it is and wherever it runs: at this gateway at once, at another of the same database by a
 * word to all of them. That somebody did is on record before it is done, like every change that is made over the API.
 */
import { GovernanceError } from '../core/errors.js';
import type { StatementRegister } from '../store/statement-register.js';
import type { Statements } from './statements.js';

export class CancelAny {
  constructor(
    private readonly statements: Pick<Statements, 'watched' | 'registered'>,
    private readonly register: Pick<StatementRegister, 'find' | 'askCancel' | 'onCancelAsked'>,
  ) {
    register.onCancelAsked((id) => void this.here(id));
  }

  /** Of one that has ended nothing changes. Throws NOT_FOUND. */
  async cancel(id: string): Promise<void> {
    if (this.here(id)) return;
    await this.statements.registered();
    const found = await this.register.find(id);
    if (found === undefined) throw new GovernanceError('NOT_FOUND', 'There is no such statement.');
    if (found.finishedAt === null) await this.register.askCancel(id);
  }

  /** False: it is none of this gateway's. */
  private here(id: string): boolean {
    const { statement, operation } = this.statements.watched(id);
    statement?.abort.abort();
    operation?.stop();
    return statement !== undefined || operation !== undefined;
  }
}
