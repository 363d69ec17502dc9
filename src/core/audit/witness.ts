/** Witnesses: others who saw the log grow and say so under its checkpoints (C2SP tlog-cosignature). */
import { checkNote, type NoteKey, parseNote } from '../crypto/signed-note.js';

export interface WitnessPolicy {
  readonly keys: readonly NoteKey[];
  /** How many different operators must have signed. */
  readonly quorum: number;
  /** What they signed earlier does not count: a log that was rolled back has only that. */
  readonly notBefore?: Date;
}

/** An operator is the host in a key's name: two keys of one operator are one voice. */
const operatorOf = (key: NoteKey): string => key.name.split('/')[0] ?? key.name;

export function cosignedBy(text: string, { keys, quorum, notBefore }: WitnessPolicy): boolean {
  const note = parseNote(text);
  if (note === undefined || quorum < 1) return false;
  const signed = keys.filter((key) => {
    const check = checkNote(note, key);
    if (typeof check !== 'object') return false;
    return notBefore === undefined || (check.at !== undefined && check.at >= notBefore);
  });
  return new Set(signed.map(operatorOf)).size >= quorum;
}
