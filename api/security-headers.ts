import type { MiddlewareHandler } from 'hono';

const headers = [
  ['X-Frame-Options', 'sameorigin'],
  ['Content-Security-Policy', "frame-ancestors 'self';"],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'same-origin'],
] as const;

/**
 * No other site may frame the interface, and no reply is taken for something that it doesn't say it is. Set on the reply
 * itself: through the context each header would make a new reply of the one that is there.
 */
export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of headers) c.res.headers.set(name, value);
};
