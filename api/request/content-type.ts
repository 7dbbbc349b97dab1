import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../context.ts';

/**
 * Whatever changes something must say that it sends JSON, DELETE too: a form of another site can't, so a browser
 * asks first. The comparison is exact, a charset is refused.
 */
export const requireJson: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const reads = c.req.method === 'GET' || c.req.method === 'HEAD' || c.req.method === 'OPTIONS';
  if (!reads && c.req.header('content-type') !== 'application/json')
    return c.text('Invalid content type', 415);
  return next();
};
