/** What is known of an anchor, kept in Postgres by whoever has its turn. Not evidence: the anchor is. */
import type { AuditTurn } from './audit-turn.js';

export interface AnchorRow {
  /** Of the last checkpoint that was taken there. */
  readonly size: number;
  readonly diverged: string | null;
}

/** `changed` is called before anything goes to a place that is new. */
export async function openAnchor(
  turn: AuditTurn,
  name: string,
  place: string,
  changed: () => Promise<void>,
): Promise<AnchorRow> {
  await turn.query(
    `INSERT INTO audit_anchor (name, settings, size) VALUES ($1, '', 0) ON CONFLICT (name) DO NOTHING`,
    [name],
  );
  const read = () =>
    turn.query<AnchorRow & { readonly settings: string }>(
      'SELECT size::float8 AS size, settings, diverged FROM audit_anchor WHERE name = $1',
      [name],
    );
  const [row] = await read();
  if (row?.settings !== place) {
    await changed();
    await turn.query('UPDATE audit_anchor SET settings = $2, size = 0, diverged = NULL WHERE name = $1', [
      name,
      place,
    ]);
  }
  return (await read())[0]!;
}

export async function noteAnchored(
  turn: AuditTurn,
  name: string,
  size: number,
  lines: readonly string[],
): Promise<void> {
  await turn.query(
    `WITH cosigned AS (
       INSERT INTO audit_cosignature (size, witness, line) SELECT $2, $1, unnest($3::text[]) ON CONFLICT DO NOTHING)
     UPDATE audit_anchor SET size = $2, anchored_at = clock_timestamp(), diverged = NULL WHERE name = $1`,
    [name, size, lines],
  );
}

export async function noteDiverged(turn: AuditTurn, name: string, why: string): Promise<void> {
  await turn.query('UPDATE audit_anchor SET diverged = $2 WHERE name = $1', [name, why]);
}
