import { type JWTPayload, jwtVerify } from 'jose';
import { createByteCache } from '../../core/byte-cache.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { Subject } from './subject.ts';

/** Who issues session tokens, how they are signed, and how the subject of a login ends. */
export const tokenForm = { issuer: 'argocd', algorithm: 'HS256', loginSuffix: ':login' } as const;

/** Reads a token that is signed with the secret and valid now; throws `unauthenticated` for any other. */
export type TokenReader = (token: string, secret: Uint8Array, now: Date) => Promise<Subject>;

type KnownToken = { readonly subject: Subject; readonly secret: Uint8Array; readonly since: Date };

/** Sessions that are active at once: some thousand. A forgotten token only has its signature checked again. */
const knownBytes = 2 * 1024 * 1024;
/** A subject with the secret, beside its token. */
const subjectBytes = 1000;

/**
 * Remembers whose signature it has checked: a client sends one token with each of its requests. Under another secret, or
 * at a time outside of what was checked, a token is read anew.
 */
export function createTokenReader(): TokenReader {
  const known = createByteCache<KnownToken>(knownBytes);
  return async (token, secret, now) => {
    const before = known.get(token);
    if (before !== undefined && stillCounts(before, secret, now)) return before.subject;
    known.delete(token);
    const subject = await readToken(token, secret, now);
    known.set(token, { subject, secret, since: now }, subjectBytes);
    return subject;
  };
}

function stillCounts({ subject, since, ...token }: KnownToken, secret: Uint8Array, now: Date): boolean {
  return since <= now && now < subject.expiresAt && Buffer.compare(token.secret, secret) === 0;
}

async function readToken(token: string, secret: Uint8Array, currentDate: Date): Promise<Subject> {
  const { issuer, algorithm, loginSuffix } = tokenForm;
  const { payload } = await jwtVerify(token, secret, {
    issuer,
    algorithms: [algorithm],
    requiredClaims: ['sub', 'jti', 'iat', 'exp'],
    currentDate,
  }).catch((cause: unknown) => {
    throw badSession('its token is not valid or has expired', cause);
  });
  const { sub = '', jti = '', iat = 0, exp = 0 } = payload;
  if (!sub.endsWith(loginSuffix)) throw badSession('its token is not a login');
  return {
    username: sub.slice(0, -loginSuffix.length),
    issuer,
    groups: [],
    tokenId: jti,
    issuedAt: timeOf(iat),
    expiresAt: timeOf(exp),
    login: loginOf(payload),
  };
}

/** What a token says of its login; one of a release that said nothing is a login of its own, and not renewed. */
function loginOf(payload: JWTPayload): Subject['login'] {
  const { jti = '', iat = 0, exp = 0 } = payload;
  const { login, login_at: startedAt, login_exp: endsAt, login_gen: generation } = payload;
  return {
    id: typeof login === 'string' ? login : jti,
    startedAt: timeOf(typeof startedAt === 'number' ? startedAt : iat),
    endsAt: timeOf(typeof endsAt === 'number' ? endsAt : exp),
    generation: typeof generation === 'number' ? generation : 0,
  };
}

/** Tokens count whole seconds. */
function timeOf(seconds: number): Date {
  return new Date(seconds * 1000);
}

/** The error for a session that doesn't count, or no longer. */
export function badSession(why: string, cause?: unknown): KeelsonError {
  return new KeelsonError('unauthenticated', `invalid session: ${why}; log in again`, { cause });
}
