import { createRoute, z } from '@hono/zod-openapi';
import { listClusters } from '../../../db/queries/cluster/cluster.ts';
import { pingDatabase } from '../../../db/queries/installation/ping.ts';
import { open } from '../../auth/permission.ts';
import type { Api } from '../../context.ts';
import { text, textReplies } from '../../route.ts';

const health = createRoute({
  method: 'get',
  path: '/healthz',
  ...open,
  tags: ['server'],
  summary: 'Whether the server can reach its database; `full=true` reads the clusters as well',
  request: { query: z.object({ full: text }) },
  responses: textReplies('ok, or 503 with the reason'),
});

/** GET /healthz. */
export function healthRoutes(api: Api): void {
  api.openapi(health, async (c) => {
    const { db, log } = c.var.deps;
    try {
      await (c.req.valid('query').full === undefined ? pingDatabase(db) : listClusters(db));
      return c.text('ok');
    } catch (error) {
      // Told to the caller as 503 without the cause, which may name hosts; the log has it.
      log.warn({ error }, 'health check failed');
      return c.text('database is not reachable', 503);
    }
  });
}
