import { jwtVerify } from 'jose';
import { createByteCache } from '../../core/byte-cache.ts';
import { ownField } from '../../core/own-field.ts';
import { badSession } from './bad-session.ts';
import type { Subject } from './subject.ts';
import { tokenForm, tokenKinds } from './token-kinds.ts';

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
  const { expiresAt } = subject;
  const isInTime = since <= now && (expiresAt === undefined || now < expiresAt);
  return isInTime && Buffer.compare(token.secret, secret) === 0;
}

async function readToken(token: string, secret: Uint8Array, currentDate: Date): Promise<Subject> {
  const { issuer, algorithm } = tokenForm;
  const { payload } = await jwtVerify(token, secret, {
    issuer,
    algorithms: [algorithm],
    requiredClaims: ['sub', 'iat'],
    currentDate,
  }).catch((cause: unknown) => {
    throw notValid(cause);
  });
  const kind = Object.values(tokenKinds).find(({ matches }) => matches(payload.sub ?? ''));
  if (kind === undefined) throw badSession("its token is not a login, nor one of a project's role");
  if (kind.needs.some((claim) => ownField(payload, claim) === undefined)) throw notValid();
  return kind.read(payload);
}

function notValid(cause?: unknown): Error {
  return badSession('its token is not valid or has expired', undefined, cause);
}
