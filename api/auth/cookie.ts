import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import type { ApiContext } from '../context.ts';
import { ownUrls } from '../request/own-urls.ts';

const tokenCookie = 'argocd.token';

export function setTokenCookie(c: ApiContext, token: string): void {
  setCookie(c, tokenCookie, token, options(c));
}

export function clearTokenCookie(c: ApiContext): void {
  deleteCookie(c, tokenCookie, options(c));
}

export function readTokenCookie(c: ApiContext): string | undefined {
  return getCookie(c, tokenCookie);
}

function options(c: ApiContext): CookieOptions {
  return { path: '/', httpOnly: true, sameSite: 'Lax', secure: ownUrls(c.var.deps)[0].startsWith('https:') };
}
