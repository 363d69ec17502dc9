/**
 * Policy documents in Postgres. Every change raises the policy version in its own transaction, under the row
 * lock that recording an intent shares: an intent is on one side of a change or on the other, never astride.
 */
import type { ClientBase } from 'pg';
import { GovernanceError } from '../core/errors.js';
import type { Database } from './database.js';

export const POLICY_CHANNEL = 'sluice_policy';

export interface StoredPolicy {
  readonly name: string;
  readonly version: number;
  readonly source: 'file' | 'api';
  readonly body: unknown;
  readonly updatedBy: string;
  readonly updatedAt: Date;
}

export interface PolicySet {
  readonly policyVersion: number;
  readonly documents: readonly StoredPolicy[];
}

export interface PolicyChange {
  readonly policyVersion: number;
  readonly name: string;
  readonly version: number;
  readonly change: 'created' | 'replaced' | 'removed';
  readonly source: string;
  readonly changedBy: string;
  readonly changedAt: Date;
}

export type PolicyWrite =
  | {
      readonly kind: 'put';
      readonly name: string;
      readonly body: unknown;
      readonly mustBe?: 'new' | 'known';
      readonly ifVersion?: number;
    }
  | { readonly kind: 'remove'; readonly name: string; readonly ifVersion?: number };

const COLUMNS = `name, version, source, body, updated_by AS "updatedBy", updated_at AS "updatedAt"`;

export class PolicyDocuments {
  constructor(private readonly database: Database) {}

  /** All documents and the version they make together, from one moment. */
  async all(): Promise<PolicySet> {
    const found = await this.database.query<{
      policyVersion: string;
      documents: (Omit<StoredPolicy, 'updatedAt'> & { updatedAt: string })[] | null;
    }>(
      `SELECT (SELECT version FROM policy_version) AS "policyVersion",
              (SELECT json_agg(d ORDER BY d.name) FROM (SELECT ${COLUMNS} FROM policy_document) d) AS documents`,
      [],
      'sluice-policies',
    );
    const row = found.rows[0];
    return {
      policyVersion: Number(row?.policyVersion ?? 0),
      documents: (row?.documents ?? []).map((document) => ({
        ...document,
        updatedAt: new Date(document.updatedAt),
      })),
    };
  }

  /** All of `writes` or none; nothing to do gives the version that is there. */
  async write(writes: readonly PolicyWrite[], source: 'file' | 'api', actor: string): Promise<number> {
    return this.database.transaction(async (client) => {
      // Writers one after another, and after every intent that is being recorded under the old version.
      const locked = await client.query<{ version: string }>('SELECT version FROM policy_version FOR UPDATE');
      const next = Number(locked.rows[0]?.version ?? 0) + 1;
      let changed = 0;
      for (const write of writes) changed += (await this.apply(client, write, source, actor, next)) ? 1 : 0;
      if (changed === 0) return next - 1;
      await client.query('UPDATE policy_version SET version = $1', [next]);
      return next;
    });
  }

  async history(before: number | undefined, limit: number): Promise<readonly PolicyChange[]> {
    const found = await this.database.query<Omit<PolicyChange, 'policyVersion'> & { policyVersion: string }>(
      `SELECT policy_version AS "policyVersion", name, version, change, source, changed_by AS "changedBy", changed_at AS "changedAt"
         FROM policy_history WHERE $1::bigint IS NULL OR policy_version < $1 ORDER BY policy_version DESC, name LIMIT $2`,
      [before ?? null, limit],
    );
    return found.rows.map((row) => ({ ...row, policyVersion: Number(row.policyVersion) }));
  }

  private async apply(
    client: ClientBase,
    write: PolicyWrite,
    source: 'file' | 'api',
    actor: string,
    policyVersion: number,
  ): Promise<boolean> {
    const found = await client.query<StoredPolicy & { same: boolean }>(
      `SELECT ${COLUMNS}, body = $2::jsonb AS same FROM policy_document WHERE name = $1`,
      [write.name, write.kind === 'put' ? JSON.stringify(write.body) : '{}'],
    );
    const known = found.rows[0];
    if (known !== undefined) requireOwner(known, source);
    requireState(write, known);
    // Two gateways that load the same files must not chase each other through versions.
    if (write.kind === 'put' && source === 'file' && known?.same === true) return false;
    if (write.kind === 'remove' && known === undefined) return false;
    const version = (known?.version ?? 0) + 1;
    if (write.kind === 'put') {
      await client.query(
        `INSERT INTO policy_document (name, version, source, body, updated_by) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name) DO UPDATE SET version = $2, body = $4, updated_by = $5, updated_at = clock_timestamp()`,
        [write.name, version, source, JSON.stringify(write.body), actor],
      );
    } else await client.query('DELETE FROM policy_document WHERE name = $1', [write.name]);
    await client.query(
      `INSERT INTO policy_history (policy_version, name, version, change, source, body, changed_by) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        policyVersion,
        write.name,
        version,
        write.kind === 'remove' ? 'removed' : known === undefined ? 'created' : 'replaced',
        source,
        write.kind === 'put' ? JSON.stringify(write.body) : null,
        actor,
      ],
    );
    return true;
  }
}

function requireOwner(known: StoredPolicy, source: 'file' | 'api'): void {
  if (known.source === source) return;
  throw source === 'api'
    ? new GovernanceError(
        'POLICY_FILE_OWNED',
        `The policy ${known.name} comes from a file and is read-only here.`,
        {
          remedy: 'Change the file in the policies folder, or use another name.',
        },
      )
    : new GovernanceError('CONFLICT', `A policy ${known.name} was made through the API.`, {
        remedy: 'Remove it through the API, or rename the document in the file.',
      });
}

function requireState(write: PolicyWrite, known: StoredPolicy | undefined): void {
  if (known === undefined) {
    const needed = write.kind === 'remove' ? write.ifVersion !== undefined : write.mustBe === 'known';
    if (needed) throw new GovernanceError('NOT_FOUND', `There is no policy ${write.name}.`);
    return;
  }
  if (write.kind === 'put' && write.mustBe === 'new') {
    throw new GovernanceError('CONFLICT', `There is a policy ${write.name} already.`, {
      remedy: 'Replace it with PUT and If-Match, or use another name.',
    });
  }
  if (write.ifVersion !== undefined && write.ifVersion !== known.version) {
    throw new GovernanceError('PRECONDITION_FAILED', `The policy ${write.name} changed since it was read.`, {
      remedy: 'Read it again and repeat the change.',
    });
  }
}
