import { createRoute, z } from '@hono/zod-openapi';
import { enforce } from '../auth/enforce.ts';
import type { Api } from '../context.ts';
import { decodeTwice } from '../path-id.ts';
import { replies } from '../route.ts';

const canI = createRoute({
  method: 'get',
  path: '/api/v1/account/can-i/{resource}/{action}/{subresource}',
  tags: ['account'],
  summary: 'Whether the caller may do something; the subresource may contain slashes',
  request: { params: z.object({ resource: z.string(), action: z.string(), subresource: z.string() }) },
  responses: replies('yes or no', {
    type: 'object',
    properties: { value: { type: 'string', enum: ['yes', 'no'] } },
    required: ['value'],
  }),
});

/** What the caller may do. */
export function accountRoutes(api: Api): void {
  // Routed by hand: a documented path can't say that its last part may contain slashes.
  api.openAPIRegistry.registerPath(canI);
  api.get('/api/v1/account/can-i/:resource/:action/:subresource{.+}', (c) => {
    const { resource, action, subresource } = c.req.param();
    const allowed = enforce(c.var.subject, resource, action, decodeTwice(subresource));
    return c.json({ value: allowed ? 'yes' : 'no' });
  });
}
