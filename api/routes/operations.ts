import { createRoute, z } from '@hono/zod-openapi';
import { KeelsonError } from '../../core/errors.ts';
import { getOperation } from '../../db/queries/operation.ts';
import { operationView, operationViews } from '../../db/queries/operation-view.ts';
import { lookUpApplication } from '../application-lookup.ts';
import type { Api } from '../context.ts';
import { replies, text } from '../route.ts';

const scope = { project: text, appNamespace: text };

const list = createRoute({
  method: 'get',
  path: '/api/v1/applications/{name}/operations',
  tags: ['sync'],
  summary: 'Syncs and deletions of an application, newest first, failed ones too',
  request: {
    params: z.object({ name: z.string() }),
    query: z.object({ ...scope, limit: z.coerce.number().int().min(1).max(200).default(20) }),
  },
  responses: replies('Operations without their steps'),
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/applications/{name}/operations/{id}',
  tags: ['sync'],
  summary: 'One operation: plan, steps with results, waits with reasons, timings',
  request: { params: z.object({ name: z.string(), id: z.uuid() }), query: z.object(scope) },
  responses: replies('The operation'),
});

/** Operations of an application. */
export function operationRoutes(api: Api): void {
  api.openapi(list, async (c) => {
    const { limit, ...query } = c.req.valid('query');
    const row = await lookUpApplication(c, { name: c.req.valid('param').name, ...query });
    return c.json({ items: await operationViews(c.var.deps.db, row.id, limit) });
  });

  api.openapi(get, async (c) => {
    const { name, id } = c.req.valid('param');
    const row = await lookUpApplication(c, { name, ...c.req.valid('query') });
    const { db } = c.var.deps;
    const [operation, view] = await Promise.all([getOperation(db, id), operationView(db, id)]);
    if (view === undefined || operation?.applicationId !== row.id) {
      throw new KeelsonError('not-found', `operation ${id} is not one of application "${name}"`);
    }
    return c.json(view);
  });
}
