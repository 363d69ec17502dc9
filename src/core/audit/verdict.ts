/** What a check of the log can end in, and what it can have found: a closed list, each with its weight. */

/** With the exit code of `sluice audit verify`. A higher one wins. */
export const VERDICT_EXIT = {
  WITNESSED: 0,
  UNANCHORED: 10,
  INCOMPLETE: 20,
  DIVERGED: 30,
  INVALID: 40,
} as const;
export type Verdict = keyof typeof VERDICT_EXIT;

export const VERDICT_TEXT: Readonly<Record<Verdict, string>> = {
  WITNESSED: 'whole, unchanged, and in line with a checkpoint that was kept elsewhere',
  UNANCHORED: 'whole and consistent in itself; nothing kept elsewhere says that it is not another history',
  INCOMPLETE: 'not all of it is here or can be checked; what is here is consistent',
  DIVERGED: 'another history than the one of the known checkpoint',
  INVALID: 'changed, damaged, or not made by the keys it names',
};

interface FindingKind {
  /** Absent: worth telling, no fault of the log. */
  readonly verdict?: 'INCOMPLETE' | 'DIVERGED' | 'INVALID';
  readonly text: string;
}

const invalid = (text: string): FindingKind => ({ verdict: 'INVALID', text });
const incomplete = (text: string): FindingKind => ({ verdict: 'INCOMPLETE', text });
const diverged = (text: string): FindingKind => ({ verdict: 'DIVERGED', text });
const notice = (text: string): FindingKind => ({ text });

export const FINDINGS = {
  NOT_AN_EXPORT: invalid('The file does not begin as an audit export.'),
  LINE_MALFORMED: invalid('A line does not have the form that it claims.'),
  LINE_OUT_OF_PLACE: invalid('A line stands where it cannot be.'),
  DIGEST_MISMATCH: invalid('The bytes of the file are not those that were signed.'),
  COUNT_MISMATCH: invalid('There are more or fewer batches or events than the file says.'),
  SIGNATURE_INVALID: invalid('A signature is not that of the key it names.'),
  KEY_MALFORMED: invalid('A key is not what its name says.'),
  KEY_NOT_IN_FORCE: invalid('A key signed outside of the part of the log that it is for.'),
  EVENT_MISPLACED: invalid('An event is missing, repeated, or not in its order.'),
  EVENT_NOT_CANONICAL: invalid('An event is not in canonical JSON.'),
  BATCH_ROOT_MISMATCH: invalid('The events of a batch are not those it was made of.'),
  BATCH_CHAIN_BROKEN: invalid('A batch does not follow the one before it.'),
  CHECKPOINT_MISMATCH: invalid('A signed checkpoint does not fit the log.'),
  CHECKPOINT_MISSING: invalid('A checkpoint was taken out: the next one names it.'),
  COMMITMENT_MISMATCH: invalid('A personal part is not the one that the event committed to.'),
  ERASURE_UNRECORDED: invalid('A personal part is gone and no event says that it was erased.'),
  OUTCOME_WITHOUT_INTENT: invalid('Something ended that never began.'),
  CUT_OFF: incomplete('The file ends before its end.'),
  PERSONAL_SEALED: incomplete(
    'A personal part could not be opened where the export was made: its key was not there.',
  ),
  KEY_MISSING: incomplete('The key of a signature is not in the file.'),
  NEWER_VERSION: incomplete('Made by a newer Sluice: its hashes are checked, its meaning is not.'),
  UNSIGNED_TAIL: incomplete('No checkpoint covers the last batches.'),
  OTHER_LOG: diverged('The known checkpoint is of another log.'),
  FORKED: diverged('At the size of the known checkpoint the log had other contents.'),
  ROLLED_BACK: diverged('The log is shorter than the known checkpoint: rolled back, or exported before it.'),
  OTHER_KEYS: diverged('No key of the log made the known checkpoint.'),
  NOT_WITNESSED: notice('No checkpoint has been signed by enough of these witnesses, or lately enough.'),
  CLOCK_JUMP: notice('The clock of a gateway went back.'),
  SILENCE: notice('For a while not even a heartbeat was recorded.'),
  UNANSWERED: notice(
    'A statement began and no outcome is recorded (the gateway was killed, or it runs yet).',
  ),
  ENDED_TWICE: notice('An outcome is recorded twice (it was not known whether the first one had arrived).'),
  ERASED_BUT_KEPT: notice('A personal part is still here though an event says it was erased.'),
} as const satisfies Readonly<Record<string, FindingKind>>;
export type FindingCode = keyof typeof FINDINGS;

export interface Finding {
  readonly code: FindingCode;
  /** 1-based. */
  readonly line?: number;
  readonly detail?: string;
}

/** Of one kind; a broken file can have millions. */
const FINDINGS_KEPT_MAX = 50;

/** Findings as they come: the first of each kind are kept, all are counted. */
export class Findings {
  private readonly list: Finding[] = [];
  private readonly counts = new Map<FindingCode, number>();

  add(code: FindingCode, line?: number, detail?: string): void {
    const count = (this.counts.get(code) ?? 0) + 1;
    this.counts.set(code, count);
    if (count > FINDINGS_KEPT_MAX) return;
    this.list.push({
      code,
      ...(line === undefined ? {} : { line }),
      ...(detail === undefined ? {} : { detail }),
    });
  }

  get all(): readonly Finding[] {
    return this.list;
  }

  get countOf(): ReadonlyMap<FindingCode, number> {
    return this.counts;
  }

  /** The heaviest of what was found; without any, whether something outside speaks for the log. */
  verdict(anchored: boolean): Verdict {
    const found = [...this.counts.keys()].flatMap((code) => {
      const kind: FindingKind = FINDINGS[code];
      return kind.verdict === undefined ? [] : [kind.verdict];
    });
    const heaviest = found.sort((a, b) => VERDICT_EXIT[b] - VERDICT_EXIT[a])[0];
    return heaviest ?? (anchored ? 'WITNESSED' : 'UNANCHORED');
  }
}
