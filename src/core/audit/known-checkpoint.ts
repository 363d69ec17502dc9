/**
 * A checkpoint that somebody kept elsewhere: the anchor. It is read from whatever it was kept as: the signed
 * note, an answer of `/v1/audit/checkpoints`, or an older export.
 */
import { parseRecord } from '../crypto/canonical-json.js';
import { type Note, parseNote } from '../crypto/signed-note.js';
import { parseHead, type TreeHead } from './checkpoint.js';

export interface KnownCheckpoint {
  readonly head: TreeHead;
  readonly note: Note;
}

/** The largest one in the text; undefined when there is none. */
export function knownCheckpoint(text: string): KnownCheckpoint | undefined {
  const direct = ofNote(text) ?? ofNote(`${text.trimEnd()}\n`);
  if (direct !== undefined) return direct;
  const whole = parseRecord(text);
  const records = whole === undefined ? text.split('\n').map(parseRecord) : [whole, ...itemsOf(whole)];
  const found = records.map((record) => ofNote(record?.note)).filter((known) => known !== undefined);
  return found.sort((a, b) => b.head.size - a.head.size)[0];
}

function ofNote(text: unknown): KnownCheckpoint | undefined {
  const note = parseNote(text);
  const head = note && parseHead(note.text);
  return note === undefined || head === undefined ? undefined : { head, note };
}

const itemsOf = ({
  items,
}: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(items) ? items.filter((item) => typeof item === 'object' && item !== null) : [];
