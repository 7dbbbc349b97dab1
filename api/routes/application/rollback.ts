import { createRoute, z } from '@hono/zod-openapi';
import { checkSyncable, isAutomated } from '../../../control/application/request-sync.ts';
import { breakGlassOf } from '../../../control/application/sync-request.ts';
import { nameOf, objectOf } from '../../../control/context.ts';
import { nameRevisions } from '../../../core/application/source/revisions.ts';
import { Application } from '../../../core/application/spec/spec.ts';
import { KeelsonError } from '../../../core/errors.ts';
import type { SyncRequest } from '../../../core/sync/operation/operation.ts';
import { parseRetry } from '../../../core/sync/operation/retry.ts';
import { RollbackBody } from '../../../core/wire/sync.ts';
import { findDeployment } from '../../../db/queries/operation/operation.ts';
import { lookUpApplication } from '../../application/application-lookup.ts';
import { requireRollback } from '../../auth/enforce.ts';
import { asks } from '../../auth/permission.ts';
import type { Api } from '../../context.ts';
import { answerStarted } from '../../reply/answer-started.ts';
import { replies, validatedBody } from '../../route.ts';

const rollback = createRoute({
  method: 'post',
  path: '/api/v1/applications/{name}/rollback',
  ...asks('applications', 'rollback'),
  tags: ['sync'],
  summary: 'Bring back what an entry of the history deployed',
  request: { params: z.object({ name: z.string() }), body: validatedBody(RollbackBody) },
  responses: replies(
    'The application with the running operation; the header keelson-operation-id names it',
    Application,
  ),
});

/** POST /api/v1/applications/{name}/rollback. */
export function rollbackRoutes(api: Api): void {
  api.openapi(rollback, async (c) => {
    const { name } = c.req.valid('param');
    const body = c.req.valid('json');
    const row = await lookUpApplication(c, {
      name,
      project: body.project ?? undefined,
      appNamespace: body.appNamespace ?? undefined,
    });
    requireRollback(c, objectOf(c.var.deps, row));
    await checkSyncable(c.var.deps, row);
    if (isAutomated(row.spec)) {
      throw new KeelsonError(
        'precondition-failed',
        'rollback cannot be initiated when auto-sync is enabled; turn automated sync off first',
      );
    }
    const deployed = await findDeployment(c.var.deps.db, row.id, body.id);
    if (deployed === undefined || deployed.revision === null) {
      const shown = nameOf(c.var.deps, row);
      throw new KeelsonError(
        'invalid-argument',
        `application "${shown}" does not have deployment id ${body.id} in its history; see keelson app history ${shown}`,
      );
    }
    // Without hooks, as a rollback is to bring objects back and not to run migrations a second time.
    const request: SyncRequest = {
      ...nameRevisions(deployed.spec, deployed.revision),
      rollbackTo: body.id,
      prune: body.prune ?? false,
      dryRun: body.dryRun ?? false,
      strategy: 'apply',
      force: body.force ?? false,
      resources: [],
      syncOptions: row.spec.syncPolicy?.syncOptions ?? [],
      retry: parseRetry(undefined),
      selfHealAttempts: 0,
      info: [],
      ...breakGlassOf(body),
    };
    const { source: _, sources: _sources, ...spec } = row.spec;
    const { source, sources } = deployed.spec;
    return answerStarted(c, row, {
      request,
      spec: {
        ...spec,
        ...(source === undefined ? {} : { source }),
        ...(sources === undefined ? {} : { sources }),
      },
      action: 'application.rollback',
      details: { historyId: body.id },
    });
  });
}
