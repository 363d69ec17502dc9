/**
 * The schema that belongs to a principal: `work.<user>`. Names of users are compared as written and may be anything,
 * names of schemas are folded and cannot hold everything: where the two differ, a hash of the name keeps two users
 * apart.
 */
import { createHash } from 'node:crypto';
import { foldName } from './catalog.js';

export const WORK_CATALOG = 'work';

const HASH_DIGITS = 16;
const READABLE_CHARS_MAX = 40;
/** What can be a schema as it stands. Nothing that looks like it was made below. */
const PLAIN = /^[a-z0-9_-]{1,64}$/;
const MADE = new RegExp(`_[0-9a-f]{${HASH_DIGITS}}$`);

export function workSchema(user: string): string {
  if (PLAIN.test(user) && !MADE.test(user)) return user;
  const readable = foldName(user)
    .replace(/[^a-z0-9_-]+/g, '_')
    .slice(0, READABLE_CHARS_MAX);
  return `${readable}_${createHash('sha256').update(user).digest('hex').slice(0, HASH_DIGITS)}`;
}

/** Is this schema the user's own? */
export const isOwnSchema = (
  user: string,
  table: { readonly catalog: string; readonly schema: string },
): boolean => foldName(table.catalog) === WORK_CATALOG && foldName(table.schema) === workSchema(user);
