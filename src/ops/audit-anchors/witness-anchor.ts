/**
 * A witness (C2SP tlog-witness): it signs a checkpoint only when that continues the one it signed before, and
 * remembers it. What it signed stands under the checkpoint, for whoever knows its key.
 */
import { createHash } from 'node:crypto';
import { type KnownCheckpoint, knownCheckpoints } from '../../core/audit/known-checkpoint.js';
import { checkNote, type NoteKey, parseNote, signatureLine } from '../../core/crypto/signed-note.js';
import {
  type Anchor,
  AnchorDiverged,
  AnchorProblem,
  type CheckpointToKeep,
  type LogProofs,
} from './anchor.js';
import { boundedText } from './bounded-answer.js';

const TIMEOUT_MS = 30_000;
const ANSWER_BYTES_MAX = 64 * 1_024;
const PROOF_LINES_MAX = 63;
const NOTE_SIGNATURE = /^\u2014 /;

export interface WitnessAnchorOptions {
  /** Submission prefix, and monitoring prefix. */
  readonly url: URL;
  readonly origin: string;
  readonly key: NoteKey;
}

export class WitnessAnchor implements Anchor {
  constructor(private readonly options: WitnessAnchorOptions) {}

  /** What it last signed, where it shows that. */
  async kept(_: number, signal: AbortSignal): Promise<readonly KnownCheckpoint[]> {
    const hash = createHash('sha256').update(this.options.origin).digest('hex');
    const answer = await this.send(`${hash}/checkpoint`, signal, {});
    const text = await boundedText(answer, ANSWER_BYTES_MAX);
    if (!answer.ok) return [];
    return knownCheckpoints(text).filter(({ note }) => typeof checkNote(note, this.options.key) === 'object');
  }

  async keep(
    checkpoint: CheckpointToKeep,
    before: number,
    proofs: LogProofs,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const first = await this.add(checkpoint, before, proofs, signal);
    if (first.status !== 409) return this.lines(checkpoint, first);
    // It knows better how far it is.
    const size = /^(0|[1-9]\d{0,14})\n$/.exec(first.text)?.[1];
    if (size === undefined) throw new AnchorProblem('the witness does not say which size it knows');
    if (Number(size) > checkpoint.size)
      throw new AnchorDiverged(`the witness signed the log of size ${size}`);
    return this.lines(checkpoint, await this.add(checkpoint, Number(size), proofs, signal));
  }

  private async add(
    { size, note }: CheckpointToKeep,
    before: number,
    proofs: LogProofs,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const proof = before === 0 || before === size ? [] : await proofs.ofConsistency(before, size);
    if (proof.length > PROOF_LINES_MAX) throw new AnchorProblem('the proof has more lines than may be sent');
    const body = [`old ${before}\n`, ...proof.map((hash) => `${hash}\n`), '\n', note].join('');
    const answer = await this.send('add-checkpoint', signal, { method: 'POST', body });
    return { status: answer.status, text: await boundedText(answer, ANSWER_BYTES_MAX) };
  }

  /** Its own signature lines, checked; whatever else it says is left aside. */
  private lines(
    { note }: CheckpointToKeep,
    { status, text }: { readonly status: number; readonly text: string },
  ): readonly string[] {
    if (status === 422)
      throw new AnchorDiverged('the witness finds that the log does not continue what it signed');
    if (status !== 200) throw new AnchorProblem(`the witness answered ${status}`);
    const lines = text.split('\n').filter((line) => NOTE_SIGNATURE.test(line));
    const [body] = note.split('\n\n');
    const signed = parseNote(`${body}\n\n${lines.map((line) => `${line}\n`).join('')}`);
    const { key } = this.options;
    if (signed === undefined || typeof checkNote(signed, key) !== 'object')
      throw new AnchorProblem('the witness did not sign the checkpoint with its key');
    return signed.signatures
      .filter(({ name, id }) => name === key.name && id.equals(key.id))
      .slice(0, 1)
      .map(signatureLine);
  }

  private send(path: string, signal: AbortSignal, init: RequestInit): Promise<Response> {
    const { url } = this.options;
    return fetch(`${url.href.replace(/\/$/, '')}/${path}`, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  }
}
