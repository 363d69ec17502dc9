/**
 * Checkpoints that somebody kept elsewhere: the anchor. They are read from whatever they were kept as: a signed
 * note, the lines of an anchor file, an answer of `/v1/audit/checkpoints`, or an older export.
 */
import { parseRecord } from '../crypto/canonical-json.js';
import { type Note, parseNote } from '../crypto/signed-note.js';
import { parseHead, type TreeHead } from './checkpoint.js';

export interface KnownCheckpoint {
  readonly head: TreeHead;
  readonly note: Note;
}

/** All in the text, in its order: two that contradict each other are both held against the log. */
export function knownCheckpoints(text: string): readonly KnownCheckpoint[] {
  const direct = ofNote(text) ?? ofNote(`${text.trimEnd()}\n`);
  if (direct !== undefined) return [direct];
  const whole = parseRecord(text);
  const records = whole === undefined ? text.split('\n').map(parseRecord) : [whole, ...itemsOf(whole)];
  return records.map((record) => ofNote(record?.note)).filter((known) => known !== undefined);
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
