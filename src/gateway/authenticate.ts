/**
 * Who is asking: an opaque bearer token of ours, or a JWT of the configured issuer. Whatever is wrong with
 * credentials, the answer is one and the same.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { LRUCache } from 'lru-cache';
import { GovernanceError } from '../core/errors.js';
import type { AttributeValue, Principal } from '../core/policy/decision.js';
import type { LiveToken, TokenRepository } from '../store/tokens.js';
import type { Caller } from './statement.js';

const SECRET_BYTES = 32;
const TOKEN = /^slu_([0-9a-f-]{36})_([A-Za-z0-9_-]{43})$/;
/** A user name that can be recorded as it is. */
const USER = /^[^\p{Cc}\p{Cs}]{1,200}$/u;
const CREDENTIALS_LENGTH_MAX = 8_192;
const CLOCK_SKEW_SECONDS = 30;
const CLAIM_ITEMS_MAX = 200;
/** No secret is short enough to be guessed; this keeps one address from making us check all day. */
const FAILURES_MAX = 600;
const FAILURE_WINDOW_MS = 60_000;
const ADDRESSES_MAX = 10_000;

export interface JwtSettings {
  readonly jwksUrl?: string;
  readonly jwksFile?: string;
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  readonly claims: {
    readonly user: string;
    readonly roles: string;
    readonly groups: string;
    readonly attributes: string;
  };
}

/** A caller with what their token may be used for. */
export interface SignedIn extends Caller {
  /** Empty: everything the principal may do. */
  readonly scopes: readonly string[];
}

export interface AuthenticatorOptions {
  readonly tokens: Pick<TokenRepository, 'authenticate' | 'stillLive'>;
  readonly jwt?: JwtSettings;
  readonly clock: () => Date;
  readonly onFailure: (method: string, address: string) => void;
}

/** A new token: what the person keeps, and what is stored of it. */
export function newToken(): { readonly id: string; readonly secret: string; readonly token: string } {
  const id = randomUUID();
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { id, secret, token: `slu_${id}_${secret}` };
}

export class Authenticator {
  private readonly failures = new LRUCache<string, number>({ max: ADDRESSES_MAX, ttl: FAILURE_WINDOW_MS });
  private readonly keys: JWTVerifyGetKey | undefined;
  /** One object per set of claims, so that what is remembered about a principal stays remembered. */
  private readonly principals = new LRUCache<string, Principal>({ max: 10_000 });

  constructor(private readonly options: AuthenticatorOptions) {
    this.keys = options.jwt && keySet(options.jwt);
  }

  /** Throws UNAUTHENTICATED, or RATE_LIMITED for an address that fails too often. */
  async authenticate(authorization: string | undefined, address: string): Promise<SignedIn> {
    const credentials = bearer(authorization);
    const signedIn = credentials === undefined ? undefined : await this.check(credentials);
    if (signedIn !== undefined) return { ...signedIn, address };
    if (credentials !== undefined) this.failed(credentials, address);
    throw new GovernanceError('UNAUTHENTICATED', 'Valid credentials are needed.', {
      remedy: 'Send Authorization: Bearer <token>.',
    });
  }

  /** Would who signed in so be the same principal now? For work that goes on long after. */
  async stillValid({ principal, tokenId, validUntil }: Caller): Promise<boolean> {
    const now = this.options.clock();
    if (validUntil !== undefined && validUntil <= now) return false;
    if (tokenId === undefined) return validUntil !== undefined;
    const live = await this.options.tokens.stillLive(tokenId, now);
    return live !== undefined && sameAs(this.principalOf(live), principal);
  }

  private principalOf({ token, roles, groups, attributes }: LiveToken): Principal {
    return this.known({ user: token.principal, roles, groups, attributes, via: `token:${token.id}` });
  }

  /** Others behind the same address still get in: only what fails is held up. */
  private failed(credentials: string, address: string): void {
    this.options.onFailure(TOKEN.test(credentials) ? 'token' : 'jwt', address);
    const failures = (this.failures.get(address) ?? 0) + 1;
    this.failures.set(address, failures);
    if (failures <= FAILURES_MAX) return;
    throw new GovernanceError('RATE_LIMITED', 'Too many failed sign-ins from this address.', {
      retryable: true,
      retryAfterSeconds: FAILURE_WINDOW_MS / 1000,
      remedy: 'Wait a minute, then send valid credentials.',
    });
  }

  private async check(credentials: string): Promise<SignedIn | undefined> {
    const parts = TOKEN.exec(credentials);
    if (parts === null) return this.checkJwt(credentials);
    const live = await this.options.tokens.authenticate(parts[1] ?? '', parts[2] ?? '', this.options.clock());
    if (live === undefined) return undefined;
    return { principal: this.principalOf(live), tokenId: live.token.id, scopes: live.token.scopes };
  }

  private async checkJwt(credentials: string): Promise<SignedIn | undefined> {
    const { jwt } = this.options;
    if (jwt === undefined || this.keys === undefined) return undefined;
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(credentials, this.keys, {
        issuer: jwt.issuer,
        audience: jwt.audience,
        algorithms: [...jwt.algorithms],
        clockTolerance: CLOCK_SKEW_SECONDS,
        currentDate: this.options.clock(),
        requiredClaims: ['exp'],
      }));
    } catch {
      return undefined;
    }
    const user = payload[jwt.claims.user];
    if (typeof user !== 'string' || !USER.test(user)) return undefined;
    const principal = this.known({
      user,
      roles: texts(payload[jwt.claims.roles]),
      groups: texts(payload[jwt.claims.groups]),
      attributes: attributes(payload[jwt.claims.attributes]),
      via: `jwt:${jwt.issuer}`,
    });
    return { principal, validUntil: new Date(Number(payload.exp) * 1000), scopes: [] };
  }

  private known(principal: Principal): Principal {
    const key = createHash('sha256').update(JSON.stringify(principal)).digest('base64');
    const found = this.principals.get(key);
    if (found !== undefined) return found;
    this.principals.set(key, principal);
    return principal;
  }
}

const sameAs = (one: Principal, other: Principal): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

function keySet(jwt: JwtSettings): JWTVerifyGetKey {
  if (jwt.jwksFile !== undefined) return createLocalJWKSet(JSON.parse(readFileSync(jwt.jwksFile, 'utf8')));
  if (jwt.jwksUrl === undefined) throw new Error('a JWT issuer needs a JWKS');
  return createRemoteJWKSet(new URL(jwt.jwksUrl));
}

function bearer(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length > CREDENTIALS_LENGTH_MAX) return undefined;
  return /^Bearer ([^\s]+)$/i.exec(authorization)?.[1];
}

const texts = (claim: unknown): readonly string[] =>
  Array.isArray(claim)
    ? claim.filter((item): item is string => typeof item === 'string').slice(0, CLAIM_ITEMS_MAX)
    : typeof claim === 'string'
      ? claim
          .split(' ')
          .filter((item) => item !== '')
          .slice(0, CLAIM_ITEMS_MAX)
      : [];

function attributes(claim: unknown): Readonly<Record<string, AttributeValue>> {
  if (claim === null || typeof claim !== 'object' || Array.isArray(claim)) return {};
  const scalar = (value: unknown): value is string | number | boolean =>
    ['string', 'number', 'boolean'].includes(typeof value);
  const entries = Object.entries(claim).filter(
    ([, value]) =>
      scalar(value) ||
      (Array.isArray(value) && value.every((item) => typeof item === 'string' || typeof item === 'number')),
  );
  return Object.fromEntries(entries.slice(0, CLAIM_ITEMS_MAX)) as Record<string, AttributeValue>;
}
