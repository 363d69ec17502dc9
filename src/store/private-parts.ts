/**
 * Personal parts of events as they are stored: salt and text sealed together, because a salt in the open would let
 * whoever reads the database try names against the commitments.
 */
import { randomBytes } from 'node:crypto';
import type { SealedPersonal } from '../core/audit/batch.js';
import { SALT_BYTES } from '../core/audit/commitment.js';
import { isSealed, NONCE_BYTES, type SealingKey, seal, unseal } from '../core/crypto/sealed-text.js';

export interface StoredPart {
  /** Base64; empty when it is sealed within `body`. */
  readonly salt: string;
  readonly body: string;
}

/** There, and its key is not. */
export const SEALED = 'sealed';

export class PrivateParts {
  private readonly keys: ReadonlyMap<string, Uint8Array>;

  /** The last key seals; all of them open. None: parts are stored as they are. */
  constructor(private readonly ring: readonly SealingKey[]) {
    this.keys = new Map(ring.map(({ kid, key }) => [kid, key]));
  }

  store({ salt, text }: SealedPersonal): StoredPart & { readonly kid: string | null } {
    const key = this.ring.at(-1);
    if (key === undefined) return { salt: salt.toString('base64'), body: text, kid: null };
    const body = seal(key, Buffer.concat([salt, Buffer.from(text)]), randomBytes(NONCE_BYTES));
    return { salt: '', body, kid: key.kid };
  }

  /** Parts that were stored before there were keys are as they are. */
  open({ salt, body }: StoredPart): StoredPart | typeof SEALED {
    if (!isSealed(body)) return { salt, body };
    const opened = unseal(body, this.keys);
    if (opened === undefined || opened.length < SALT_BYTES) return SEALED;
    return {
      salt: opened.toString('base64', 0, SALT_BYTES),
      body: opened.toString('utf8', SALT_BYTES),
    };
  }

  /** The text alone; undefined: there is none, or its key is not here. */
  text(body: string | null): string | undefined {
    const opened = body === null ? undefined : this.open({ salt: '', body });
    return opened === undefined || opened === SEALED ? undefined : opened.body;
  }
}
