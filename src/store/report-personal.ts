/** Names behind the pseudonyms and events of a report, as far as the log still has them. */

import { parseEventId } from '../core/audit/event.js';
import { parseRecord } from '../core/crypto/canonical-json.js';
import type { EventPersonal } from '../core/reports/signed-report.js';
import type { Database } from './database.js';
import type { PrivateParts } from './private-parts.js';

/** Asked for at once. */
const NAMES_PER_STEP = 500;

interface Found {
  readonly asked: string;
  readonly body: string | null;
}

export class ReportNames {
  constructor(
    private readonly database: Database,
    private readonly parts: PrivateParts,
  ) {}

  /** By pseudonym; null: none of their events has a personal part any more. */
  async people(pseudonyms: readonly string[]): Promise<Readonly<Record<string, string | null>>> {
    const found = await this.inSteps(pseudonyms, (some) => this.database.query<Found>(PEOPLE, [some]));
    return Object.fromEntries(found.map(({ asked, body }) => [asked, this.userOf(body)?.user ?? null]));
  }

  /** By event id; null: it was erased. */
  async events(ids: readonly string[]): Promise<Readonly<Record<string, EventPersonal | null>>> {
    const found = await this.inSteps(ids, (some) => {
      const places = some.map(parseEventId);
      return this.database.query<Found>(EVENTS, [
        some,
        places.map((place) => place?.shard ?? ''),
        places.map((place) => place?.seq ?? -1),
      ]);
    });
    return Object.fromEntries(found.map(({ asked, body }) => [asked, this.userOf(body) ?? null]));
  }

  private userOf(body: string | null): EventPersonal | undefined {
    const { user, justification } = parseRecord(this.parts.text(body) ?? '') ?? {};
    if (typeof user !== 'string') return undefined;
    return { user, ...(typeof justification === 'string' ? { justification } : {}) };
  }

  private async inSteps(
    all: readonly string[],
    ask: (some: readonly string[]) => Promise<{ readonly rows: readonly Found[] }>,
  ): Promise<readonly Found[]> {
    const found: Found[] = [];
    for (let from = 0; from < all.length; from += NAMES_PER_STEP)
      found.push(...(await ask(all.slice(from, from + NAMES_PER_STEP))).rows);
    return found;
  }
}

const PEOPLE = `
  SELECT a.actor AS asked,
         (SELECT p.body FROM audit_search s JOIN audit_private p USING (shard, seq)
           WHERE s.actor = a.actor ORDER BY s.id DESC LIMIT 1) AS body
    FROM unnest($1::text[]) AS a (actor)`;
const EVENTS = `
  SELECT e.asked, p.body FROM unnest($1::text[], $2::text[], $3::bigint[]) AS e (asked, shard, seq)
    LEFT JOIN audit_private p USING (shard, seq)`;
