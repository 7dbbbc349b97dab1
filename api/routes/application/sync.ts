import { createRoute, z } from '@hono/zod-openapi';
import { checkSyncable } from '../../../control/application/request-sync.ts';
import { stopOperation } from '../../../control/application/stop-operation.ts';
import { checkRevision, syncRequestOf } from '../../../control/application/sync-request.ts';
import { Application } from '../../../core/application/spec/spec.ts';
import { Empty } from '../../../core/wire/shape.ts';
import { SyncBody, SyncWindows } from '../../../core/wire/sync.ts';
import { syncWindowsOf } from '../../../db/queries/project/sync-windows.ts';
import { lookUpApplication } from '../../application/application-lookup.ts';
import { shownSyncWindows } from '../../application/sync-windows.ts';
import { storeUploaded } from '../../application/uploaded-manifests.ts';
import { actorOf } from '../../auth/enforce.ts';
import { asks } from '../../auth/permission.ts';
import type { Api } from '../../context.ts';
import { answerStarted } from '../../reply/answer-started.ts';
import { replies, text, validatedBody } from '../../route.ts';

const nameParam = z.object({ name: z.string() });

const sync = createRoute({
  method: 'post',
  path: '/api/v1/applications/{name}/sync',
  ...asks('applications', 'sync'),
  tags: ['sync'],
  summary: 'Start a sync',
  request: { params: nameParam, body: validatedBody(SyncBody) },
  responses: replies(
    'The application with the running operation; the header keelson-operation-id names it',
    Application,
  ),
});

const terminate = createRoute({
  method: 'delete',
  path: '/api/v1/applications/{name}/operation',
  ...asks('applications', 'sync'),
  tags: ['sync'],
  summary: 'Terminate the running operation',
  request: { params: nameParam, query: z.object({ project: text, appNamespace: text }) },
  responses: replies('Nothing', Empty),
});

const syncWindows = createRoute({
  method: 'get',
  path: '/api/v1/applications/{name}/syncwindows',
  ...asks('applications', 'get'),
  tags: ['sync'],
  summary: 'Sync windows of an application and whether they allow a sync now',
  request: { params: nameParam, query: z.object({ project: text, appNamespace: text }) },
  responses: replies('The windows', SyncWindows),
});

/** Start and stop a sync. */
export function syncRoutes(api: Api): void {
  api.openapi(sync, async (c) => {
    const { name } = c.req.valid('param');
    const body = c.req.valid('json');
    const row = await lookUpApplication(
      c,
      { name, project: body.project ?? undefined, appNamespace: body.appNamespace ?? undefined },
      'sync',
    );
    await checkSyncable(c.var.deps, row);
    const request = syncRequestOf(body, row.spec);
    checkRevision(row.spec, request);
    const manifests = await storeUploaded(c, row, body.manifests ?? [], request);
    return answerStarted(c, row, {
      action: 'application.sync',
      request: manifests === undefined ? request : { ...request, manifests },
      ...(manifests === undefined ? {} : { details: { uploaded: manifests.length } }),
    });
  });

  api.openapi(terminate, async (c) => {
    const { name } = c.req.valid('param');
    const row = await lookUpApplication(c, { name, ...c.req.valid('query') }, 'sync');
    await stopOperation(c.var.deps, actorOf(c), row);
    return c.json({});
  });

  api.openapi(syncWindows, async (c) => {
    const row = await lookUpApplication(c, { name: c.req.valid('param').name, ...c.req.valid('query') });
    return c.json(shownSyncWindows(await syncWindowsOf(c.var.deps, row), c.var.deps.now().getTime()));
  });
}
