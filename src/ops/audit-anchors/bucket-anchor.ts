/**
 * An S3 bucket with object lock: each checkpoint is an object of its own, which nobody can change or remove until
 * its time is over (compliance mode), the account's owner included. Names are sizes, so a list is in order.
 */
import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { type KnownCheckpoint, knownCheckpoints } from '../../core/audit/known-checkpoint.js';
import { canonicalJson } from '../../core/crypto/canonical-json.js';
import { type Anchor, AnchorProblem, type CheckpointToKeep } from './anchor.js';
import { boundedText } from './bounded-answer.js';

const TIMEOUT_MS = 30_000;
const SIZE_DIGITS = 15;
const DAY_MS = 86_400_000;
const LIST_BYTES_MAX = 4 * 2 ** 20;
const OBJECT_BYTES_MAX = 64 * 1_024;
const PAGES_MAX = 1_000;
const NAMES_READ_MAX = 3;

export interface BucketAnchorOptions {
  /** `https://host/bucket/prefix`. */
  readonly url: URL;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly days: number;
  readonly clock: () => Date;
}

export class BucketAnchor implements Anchor {
  private readonly client: AwsClient;
  private readonly bucket: string;
  private readonly prefix: string;

  constructor(private readonly options: BucketAnchorOptions) {
    const { accessKeyId, secretAccessKey, region, url } = options;
    this.client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });
    const [bucket = '', ...rest] = url.pathname.split('/').filter((part) => part !== '');
    this.bucket = bucket;
    this.prefix = rest.map((part) => `${part}/`).join('');
  }

  async kept(from: number, signal: AbortSignal): Promise<readonly KnownCheckpoint[]> {
    const names: string[] = [];
    let after = this.nameOf(Math.max(0, from - 1));
    for (let page = 0; ; page += 1) {
      if (page === PAGES_MAX) throw new AnchorProblem('the bucket has more checkpoints than can be');
      const found = await this.list(after, signal);
      names.push(...found.names);
      after = found.names.at(-1) ?? after;
      if (!found.more || found.names.length === 0) break;
    }
    const known: KnownCheckpoint[] = [];
    // The first is the one that we know of; the last the largest.
    for (const name of new Set([...names.slice(0, 1), ...names.slice(-NAMES_READ_MAX)]))
      known.push(...knownCheckpoints(await this.read(name, signal)));
    return known;
  }

  async keep({ size, note, jws, at }: CheckpointToKeep, _: number, __: unknown, signal: AbortSignal) {
    const body = canonicalJson({ size, note, jws, at: at.toISOString() });
    const { clock, days } = this.options;
    const until = new Date(clock().getTime() + days * DAY_MS);
    const answer = await this.send(this.objectUrl(this.nameOf(size)), signal, {
      method: 'PUT',
      body,
      headers: {
        'content-type': 'application/json',
        'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64'),
        'x-amz-sdk-checksum-algorithm': 'SHA256',
        'x-amz-object-lock-mode': 'COMPLIANCE',
        'x-amz-object-lock-retain-until-date': until.toISOString(),
        'if-none-match': '*',
      },
    });
    await boundedText(answer, OBJECT_BYTES_MAX);
    // It is there already: `kept` sees whether it is ours.
    if (!answer.ok && answer.status !== 412) throw new AnchorProblem(`the bucket answered ${answer.status}`);
    return [];
  }

  private nameOf(size: number): string {
    return `${this.prefix}${String(size).padStart(SIZE_DIGITS, '0')}.json`;
  }

  private async list(
    after: string,
    signal: AbortSignal,
  ): Promise<{ names: readonly string[]; more: boolean }> {
    const url = new URL(`/${this.bucket}`, this.options.url);
    url.search = new URLSearchParams({
      'list-type': '2',
      prefix: this.prefix,
      'start-after': after,
    }).toString();
    const answer = await this.send(url, signal, {});
    const text = await boundedText(answer, LIST_BYTES_MAX);
    if (!answer.ok) throw new AnchorProblem(`the bucket answered ${answer.status}`);
    const own = new RegExp(`^\\d{${SIZE_DIGITS}}\\.json$`);
    const names = [...text.matchAll(/<Key>([^<]{1,1024})<\/Key>/g)].map((match) => match[1]!);
    return {
      names: names.filter((name) => name.startsWith(this.prefix) && own.test(name.slice(this.prefix.length))),
      more: text.includes('<IsTruncated>true</IsTruncated>'),
    };
  }

  private async read(name: string, signal: AbortSignal): Promise<string> {
    const answer = await this.send(this.objectUrl(name), signal, {});
    const text = await boundedText(answer, OBJECT_BYTES_MAX);
    if (!answer.ok) throw new AnchorProblem(`the bucket answered ${answer.status}`);
    return text;
  }

  private objectUrl(name: string): URL {
    return new URL(`/${this.bucket}/${name}`, this.options.url);
  }

  private send(url: URL, signal: AbortSignal, init: RequestInit): Promise<Response> {
    return this.client.fetch(url, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  }
}
