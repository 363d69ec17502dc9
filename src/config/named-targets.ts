/** `name=URL` several times over, options behind `#`: where copies of the audit log go. */
import { z } from 'zod';
import { read } from './values.js';

const TARGETS_MAX = 8;
const NAME = /^[a-z][a-z0-9-]{0,39}$/;

export interface NamedTarget {
  readonly name: string;
  /** Without its options. */
  readonly url: URL;
  readonly options: Readonly<Record<string, string>>;
}

/** What may be given behind `#`, and as what. */
export type Options = Readonly<Record<string, RegExp>>;

export interface TargetKinds {
  /** Protocols with their colon, each with its options. */
  readonly protocols: Readonly<Record<string, Options>>;
  /** Said to whoever gives a protocol that is known and not taken. */
  readonly refused?: Readonly<Record<string, string>>;
}

/** Separated by white space. */
export const namedTargets = (kinds: TargetKinds) =>
  z.string().transform((text, context): readonly NamedTarget[] => {
    const parts = text.split(/\s+/).filter((part) => part !== '');
    const names = new Set<string>();
    const targets: NamedTarget[] = [];
    const problems = parts.length > TARGETS_MAX ? [`names more than ${TARGETS_MAX}`] : [];
    for (const part of parts) {
      const target = targetOf(part, kinds);
      if (typeof target === 'string') problems.push(target);
      else if (names.has(target.name)) problems.push(`names ${target.name} twice`);
      else {
        names.add(target.name);
        targets.push(target);
      }
    }
    const [problem] = problems;
    if (problem === undefined) return targets;
    context.addIssue({ code: 'custom', message: problem });
    return z.NEVER;
  });

/** The problem as text: it never repeats what was given, which may hold a secret. */
function targetOf(part: string, { protocols, refused }: TargetKinds): NamedTarget | string {
  const [name = '', ...rest] = part.split('=');
  const address = rest.join('=');
  if (!NAME.test(name)) return 'must be name=URL, several separated by spaces; names are a-z, 0-9 and -';
  if (!URL.canParse(address)) return `has no URL for ${name}`;
  const url = new URL(address);
  const known = Object.hasOwn(protocols, url.protocol) ? protocols[url.protocol] : undefined;
  if (known === undefined)
    return `${name}: ${refused?.[url.protocol] ?? `must start with ${Object.keys(protocols).join(', ')}`}`;
  const options = Object.fromEntries(new URLSearchParams(url.hash.slice(1)));
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(known, option))
      return `${name} has an option that is none of ${Object.keys(known).join(', ')}`;
    if (!known[option]!.test(value))
      return `${name}: ${option} does not have the form ${known[option]!.source}`;
  }
  url.hash = '';
  return { name, url, options };
}

/** `name=secret` several times over, separated by white space. */
export const namedSecrets = read('name=secret, several separated by spaces', (text) => {
  const pairs = text.split(/\s+/).filter((part) => part !== '');
  const found = pairs.map((pair) => /^([a-z][a-z0-9-]{0,39})=(.+)$/.exec(pair));
  if (found.some((match) => match === null)) return undefined;
  return new Map(found.map((match) => [match![1]!, match![2]!] as const));
});
