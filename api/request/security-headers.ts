import type { MiddlewareHandler } from 'hono';

/**
 * Pages take everything from this server. `base-uri` allows it as well, since the start page says below which path it is
 * served; `data:` is for icons, which the build puts into style sheets.
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join('; ');

const headers = [
  ['X-Frame-Options', 'sameorigin'],
  ['Content-Security-Policy', contentSecurityPolicy],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'same-origin'],
] as const;

const yearSeconds = 365 * 24 * 60 * 60;

/**
 * No other site may frame the interface, its pages load nothing from elsewhere, and no reply is taken for something that
 * it doesn't say it is. Where people come by https, browsers don't come otherwise any more. Set on the reply itself:
 * through the context each header would make a new reply of the one that is there.
 */
export function securityHeaders(url: () => string): MiddlewareHandler {
  const secure = [...headers, ['Strict-Transport-Security', `max-age=${yearSeconds}`] as const];
  return async (c, next) => {
    await next();
    for (const [name, value] of url().startsWith('https:') ? secure : headers) c.res.headers.set(name, value);
  };
}
