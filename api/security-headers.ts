import type { MiddlewareHandler } from 'hono';

/** No other site may frame the interface, and no reply is taken for something that it doesn't say it is. */
export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  c.header('X-Frame-Options', 'sameorigin');
  c.header('Content-Security-Policy', "frame-ancestors 'self';");
  c.header('X-Content-Type-Options', 'nosniff');
  c.header('Referrer-Policy', 'same-origin');
};
