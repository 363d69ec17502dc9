/**
 * The global tree in Postgres: batches become leaves in the order they came, complete subtrees become rows,
 * and a signed checkpoint says how far it goes. All in the caller's transaction.
 */
import type { ClientBase, QueryResultRow } from 'pg';
import { type LogSigner, parseHead, signCheckpoint } from '../core/audit/checkpoint.js';
import {
  appendLeaf,
  EMPTY_FRONTIER,
  type Frontier,
  type Hash,
  leafHash,
  type NodeId,
  peakNodes,
  rootOf,
} from '../core/audit/merkle.js';
import { parseNote } from '../core/crypto/signed-note.js';

/** Batches that one checkpoint takes in at most. */
export const PENDING_MAX = 2_000;

/** The rows are not those that were signed. */
export class AuditTreeBroken extends Error {}

interface Pending {
  readonly id: string;
  readonly shard: string;
  readonly batch: number;
  readonly body: string;
}

/** Takes in what waits and signs. Returns how many batches that were; 0: nothing waited. */
export async function appendPending(client: ClientBase, signer: LogSigner, at: string): Promise<number> {
  const { rows } = await client.query<Pending>(
    `SELECT p.id, p.shard, p.batch, b.body FROM audit_pending p JOIN audit_batch b USING (shard, batch)
      ORDER BY p.id LIMIT $1`,
    [PENDING_MAX],
  );
  if (rows.length === 0) return 0;
  const before = await frontierOf(client);
  const nodes: (NodeId & { readonly hash: Hash })[] = [];
  const tree = rows.reduce(
    (grown, { body }) => appendLeaf(grown, leafHash(body), (node, hash) => nodes.push({ ...node, hash })),
    before,
  );
  await client.query(
    `INSERT INTO audit_leaf (position, shard, batch)
     SELECT $1::bigint + n - 1, shard, batch FROM unnest($2::text[], $3::int[]) WITH ORDINALITY AS l (shard, batch, n)`,
    [before.size, rows.map(({ shard }) => shard), rows.map(({ batch }) => batch)],
  );
  await client.query(
    `INSERT INTO audit_node (level, index, hash) SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::text[])`,
    [
      nodes.map(({ level }) => level),
      nodes.map(({ index }) => index),
      nodes.map(({ hash }) => hash.toString('base64')),
    ],
  );
  await client.query('DELETE FROM audit_pending WHERE id = ANY ($1::bigint[])', [rows.map(({ id }) => id)]);
  const head = { size: tree.size, root: rootOf(tree), previousSize: before.size };
  const { note, jws } = await signCheckpoint(signer, head, at);
  await client.query(
    `INSERT INTO audit_checkpoint (size, previous_size, kid, note, jws, at) VALUES ($1, $2, $3, $4, $5, $6)`,
    [head.size, head.previousSize, signer.kid, note, jws, at],
  );
  return rows.length;
}

/** The tree as the last checkpoint left it; throws when the rows do not make that root any more. */
async function frontierOf(client: ClientBase): Promise<Frontier> {
  const last = await client.query<{ note: string }>(
    'SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1',
  );
  const note = parseNote(last.rows[0]?.note);
  const head = note && parseHead(note.text);
  if (head === undefined) return EMPTY_FRONTIER;
  const frontier = { size: head.size, peaks: await nodeHashes(client, peakNodes(head.size)) };
  // To sign on would be to sign two histories.
  if (!rootOf(frontier).equals(head.root))
    throw new AuditTreeBroken('the audit tree does not fit its last checkpoint');
  return frontier;
}

/** A connection or a pool of them. */
interface Queries {
  query<R extends QueryResultRow>(text: string, values: unknown[]): Promise<{ readonly rows: R[] }>;
}

/** Roots of these complete subtrees, in their order. */
export async function nodeHashes(client: Queries, nodes: readonly NodeId[]): Promise<readonly Hash[]> {
  const { rows } = await client.query<{ hash: string }>(
    `SELECT hash FROM unnest($1::smallint[], $2::bigint[]) WITH ORDINALITY AS wanted (level, index, n)
       JOIN audit_node USING (level, index) ORDER BY n`,
    [nodes.map(({ level }) => level), nodes.map(({ index }) => index)],
  );
  if (rows.length !== nodes.length) throw new AuditTreeBroken('the audit tree has lost nodes');
  return rows.map(({ hash }) => Buffer.from(hash, 'base64'));
}
