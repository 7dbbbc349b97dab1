import type { MiddlewareHandler } from 'hono';
import { KeelsonError } from '../../core/errors.ts';
import type { ApiContext, ApiEnv } from '../context.ts';
import { ownUrls } from '../request/own-urls.ts';
import { readTokenCookie, setTokenCookie } from './cookie.ts';
import { subjectOf } from './enforce.ts';

/** Paths that answer without a login; everything else below /api and /stream needs one. */
const publicPaths: ReadonlySet<string> = new Set([
  '/api/version',
  '/api/webhook',
  '/api/v1/session',
  '/api/v1/session/userinfo',
  '/api/v1/settings',
]);

/** A reply that is begun so long after its login was judged has it judged once more. */
const longMilliseconds = 1_000;

/**
 * Finds out who asks: header `token`, then `Authorization: Bearer`, then the session cookie. A public path with a
 * token that isn't valid is served as if there were none.
 */
export const authenticate: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const isPublic = publicPaths.has(c.req.path);
  const credential = readCredential(c);
  if (credential === undefined) {
    if (!isPublic) throw new KeelsonError('unauthenticated', 'no session information; log in first');
    return next();
  }
  if (credential.fromCookie) refuseForeignOrigin(c);
  const judgedAt = performance.now();
  try {
    c.set('subject', await c.var.auth.verify(credential.token));
    c.set('token', credential.token);
  } catch (error) {
    const isExpected = error instanceof KeelsonError && error.code === 'unauthenticated';
    if (!isPublic || !isExpected) throw error;
  }
  if (credential.fromCookie && c.var.subject !== undefined && c.req.method === 'GET') {
    const renewed = await c.var.auth.renew(subjectOf(c));
    if (renewed !== undefined) setTokenCookie(c, renewed);
  }
  await next();
  const { token } = c.var;
  if (token !== undefined && performance.now() - judgedAt > longMilliseconds) await c.var.auth.verify(token);
};

function readCredential(c: ApiContext): { token: string; fromCookie: boolean } | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  const header = c.req.header('token') || bearer;
  if (header) return { token: header, fromCookie: false };
  const cookie = readTokenCookie(c);
  return cookie ? { token: cookie, fromCookie: true } : undefined;
}

/**
 * A browser sends the cookie along with requests that other sites make; those carry their own origin. Requests that
 * only read are kept from other sites by the browser itself.
 */
function refuseForeignOrigin(c: ApiContext): void {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return;
  const origin = c.req.header('origin');
  if (origin === undefined) return;
  const own = ownUrls(c.var.deps);
  const ownHosts = [
    c.req.header('host'),
    ...own.flatMap((url) => (URL.canParse(url) ? [new URL(url).host] : [])),
  ];
  if (URL.canParse(origin) && ownHosts.includes(new URL(origin).host)) return;
  throw new KeelsonError(
    'forbidden',
    `requests from origin ${origin} may not use the session cookie; open the user interface at ${own[0]}`,
  );
}
