/** The searchable side of the log, made from the events that the tree has taken in. */
import type { ClientBase } from 'pg';

/** An event's number: position of its batch in the log, then its place in it. A batch has fewer events. */
const EVENTS_PER_BATCH = 1_024;
/** Batches in one go: short enough to leave room for what is being recorded. */
const INDEX_STEP = 250;

/** Batches that the index holds, and those that it could hold. */
const INDEXED = `coalesce((SELECT max(id) / ${EVENTS_PER_BATCH} + 1 FROM audit_search), 0)`;
const SIGNED = 'coalesce((SELECT max(size) FROM audit_checkpoint), 0)';

const INDEX = `
  INSERT INTO audit_search (id, shard, seq, at, kind, statement_id, actor, decision, purpose, objects, columns)
  SELECT l.position * ${EVENTS_PER_BATCH} + e.seq - b.first_seq, e.shard, e.seq, (j ->> 'at')::timestamptz,
         e.kind, e.statement_id, j ->> 'actor',
         CASE e.kind WHEN 'statement.intent' THEN 'allow' WHEN 'statement.denied' THEN 'deny'
           WHEN 'login.failed' THEN 'deny' ELSE j ->> 'decision' END,
         j ->> 'purpose',
         CASE WHEN j ? 'objects' THEN ARRAY(SELECT jsonb_array_elements_text(j -> 'objects'))
              WHEN j ? 'object' THEN ARRAY[j ->> 'object'] ELSE '{}' END
           || CASE WHEN jsonb_typeof(j -> 'target') = 'object' THEN ARRAY[j -> 'target' ->> 'object'] ELSE '{}' END,
         CASE WHEN j ? 'columns' THEN ARRAY(SELECT jsonb_array_elements_text(j -> 'columns')) ELSE '{}' END
    FROM audit_leaf l JOIN audit_batch b USING (shard, batch)
    JOIN audit_event e ON e.shard = b.shard AND e.seq >= b.first_seq AND e.seq < b.first_seq + b.count
   CROSS JOIN LATERAL (SELECT e.body::jsonb AS j OFFSET 0) AS parsed
   WHERE l.position >= $1 AND l.position < $2
  ON CONFLICT (id) DO NOTHING`;

/** Whether batches wait for the tree, or the tree for the index. */
export async function hasWork(pool: Pick<ClientBase, 'query'>): Promise<boolean> {
  const { rows } = await pool.query<{ yes: boolean }>(
    `SELECT EXISTS (SELECT FROM audit_pending) OR ${INDEXED} < ${SIGNED} AS yes`,
  );
  return rows[0]?.yes === true;
}

/** Indexes the next batches; false when there are none left. */
export async function indexNext(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ from: string; until: string }>(
    `SELECT ${INDEXED} AS "from", ${SIGNED} AS "until"`,
  );
  const [from, until] = [Number(rows[0]?.from), Number(rows[0]?.until)];
  if (from >= until) return false;
  await client.query(INDEX, [from, Math.min(until, from + INDEX_STEP)]);
  return from + INDEX_STEP < until;
}
