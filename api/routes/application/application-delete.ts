import { createRoute, z } from '@hono/zod-openapi';
import { requestDeletion } from '../../../control/application/request-deletion.ts';
import { Empty } from '../../../core/wire/shape.ts';
import { lookUpApplication } from '../../application/application-lookup.ts';
import { actorOf } from '../../auth/enforce.ts';
import { asks } from '../../auth/permission.ts';
import type { Api } from '../../context.ts';
import { flag, replies, text } from '../../route.ts';

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/applications/{name}',
  ...asks('applications', 'delete'),
  tags: ['applications'],
  summary: 'Delete an application, and its resources unless `cascade` is false',
  request: {
    params: z.object({ name: z.string() }),
    query: z.object({
      cascade: flag,
      propagationPolicy: text,
      deadline: text.openapi({ description: 'Longest time that the deletion may take, such as `10m`' }),
      orphan: flag.openapi({ description: 'Give the resources up, also those of a deletion that runs' }),
      project: text,
      appNamespace: text,
    }),
  },
  responses: replies(
    'Nothing; the application is there until its resources are gone. The header keelson-operation-id names the operation once there is one',
    Empty,
  ),
});

/** Delete. */
export function applicationDeleteRoutes(api: Api): void {
  api.openapi(remove, async (c) => {
    const { name } = c.req.valid('param');
    const { project, appNamespace, ...choice } = c.req.valid('query');
    const row = await lookUpApplication(c, { name, project, appNamespace }, 'delete');
    const progress = await requestDeletion(c.var.deps, actorOf(c), row, choice);
    if (progress?.operation.kind === 'delete') c.header('keelson-operation-id', progress.operation.id);
    return c.json({});
  });
}
