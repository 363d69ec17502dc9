/** The register of keys: those that sign the log, and those behind pseudonyms and hash masks. Never a secret. */
import {
  column,
  isWithin,
  type LogEvent,
  note,
  type ReportBody,
  type ReportFilter,
  type ReportMaker,
  type ReportRow,
  SECTION_ROWS_MAX,
  textOf,
} from './report.js';
import { section } from './tally.js';

export interface RegisteredKey {
  readonly kid: string;
  readonly vkey: string;
  /** Sizes of the log between which it signs. */
  readonly fromSize: number;
  readonly untilSize: number | null;
  readonly addedAt: string;
  readonly checkpoints: number;
}

/** A secret by its name and use; `fingerprint` cannot be turned back. */
export interface SecretKey {
  readonly name: string;
  readonly use: string;
  readonly origin: string;
  readonly fingerprint: string;
}

export interface KeySources {
  readonly signing: readonly RegisteredKey[];
  readonly secrets: readonly SecretKey[];
  /** Domains of hash masks in the policies in force, with the documents that use them. */
  readonly hashDomains: readonly { readonly domain: string; readonly policies: readonly string[] }[];
}

export class KeysReport implements ReportMaker {
  private readonly added: ReportRow[] = [];
  private omitted = 0;

  constructor(
    private readonly filter: ReportFilter,
    private readonly sources: KeySources,
  ) {}

  take({ id, kind, at, record }: LogEvent): void {
    if (kind !== 'key.added' || !isWithin(this.filter, at)) return;
    if (this.added.length >= SECTION_ROWS_MAX) this.omitted += 1;
    else this.added.push({ at, kid: textOf(record.kid), vkey: textOf(record.vkey), event: id });
  }

  finish(): ReportBody {
    const { signing, secrets, hashDomains } = this.sources;
    const inForce = signing.filter(({ untilSize }) => untilSize === null).length;
    return {
      totals: {
        signingKeys: signing.length,
        signingKeysInForce: inForce,
        secrets: secrets.length,
        hashDomains: hashDomains.length,
      },
      sections: [
        section(
          'signing',
          'Keys that sign the log',
          SIGNING,
          signing.map(({ kid, vkey, fromSize, untilSize, addedAt, checkpoints }) => {
            const state = untilSize === null ? 'in force' : 'retired';
            return { kid, state, vkey, fromSize, untilSize, addedAt, checkpoints };
          }),
          { chart: { title: 'Checkpoints signed by key', labels: ['kid'], value: 'checkpoints' } },
        ),
        section(
          'secrets',
          'Secrets of this gateway',
          SECRETS,
          secrets.map((secret) => ({ ...secret })),
        ),
        section('hash-domains', 'Keys of hash masks, one per domain', DOMAINS, [...hashDomains]),
        section('added', 'Keys added, as the log has it', ADDED, this.added, { omitted: this.omitted }),
      ],
      notes: [
        note(
          'NO_CELL_KEYS',
          'There are no keys of encrypted cells: columns are not encrypted by this version.',
        ),
      ],
    };
  }
}

const SIGNING = [
  column('kid', 'Key'),
  column('state', 'State'),
  column('vkey', 'Verifier key'),
  column('fromSize', 'From size', 'number'),
  column('untilSize', 'Until size', 'number'),
  column('addedAt', 'Added', 'time'),
  column('checkpoints', 'Checkpoints', 'number'),
];
const SECRETS = [
  column('name', 'Secret'),
  column('use', 'For'),
  column('origin', 'From'),
  column('fingerprint', 'Fingerprint'),
];
const DOMAINS = [column('domain', 'Domain'), column('policies', 'Used by', 'list')];
const ADDED = [
  column('at', 'Time', 'time'),
  column('kid', 'Key'),
  column('vkey', 'Verifier key'),
  column('event', 'Event'),
];
