import { setTimeout as sleep } from 'node:timers/promises';
import { createRoute, z } from '@hono/zod-openapi';
import { KeelsonError } from '../../core/errors.ts';
import {
  resourcesBackgroundFinalizer,
  resourcesFinalizer,
  resourcesForegroundFinalizer,
} from '../../core/object/annotations.ts';
import { deletionRequest } from '../../core/sync/operation.ts';
import { type ApplicationRow, markDeleting, removeApplication } from '../../db/queries/application.ts';
import { recordAudit } from '../../db/queries/audit.ts';
import {
  liveOperation,
  type OperationRow,
  requestOperation,
  requestTermination,
} from '../../db/queries/operation.ts';
import { lookUpApplication, permissionName } from '../application-lookup.ts';
import { subjectOf } from '../auth/enforce.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendHint } from '../hint.ts';
import { flag, replies, text } from '../route.ts';

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/applications/{name}',
  tags: ['applications'],
  summary: 'Delete an application, and its resources unless `cascade` is false',
  request: {
    params: z.object({ name: z.string() }),
    query: z.object({ cascade: flag, propagationPolicy: text, project: text, appNamespace: text }),
  },
  responses: replies('Nothing; the application is there until its resources are gone'),
});

const finalizerByPolicy: Readonly<Record<string, string>> = {
  '': resourcesFinalizer,
  foreground: resourcesForegroundFinalizer,
  background: resourcesBackgroundFinalizer,
};

/** How long a deletion waits for the sync that it has stopped; afterwards the sweeper carries on. */
const maxStopMilliseconds = 5_000;
const stopPollMilliseconds = 100;

/** Delete. */
export function applicationDeleteRoutes(api: Api): void {
  api.openapi(remove, async (c) => {
    const { name } = c.req.valid('param');
    const { cascade = true, propagationPolicy = '', ...query } = c.req.valid('query');
    const row = await lookUpApplication(c, { name, ...query }, 'delete');
    const finalizer = finalizerByPolicy[propagationPolicy];
    if (!cascade && propagationPolicy !== '') {
      throw new KeelsonError(
        'invalid-argument',
        'cannot set propagation policy when cascading is disabled; leave one of them out',
      );
    }
    if (finalizer === undefined) {
      throw new KeelsonError(
        'invalid-argument',
        `invalid propagation policy: ${propagationPolicy}; use foreground or background`,
      );
    }
    // Nothing can be deleted on a cluster that nobody knows, so the application goes alone.
    if (!cascade || row.clusterId === null) await removeAlone(c, row);
    else await removeWithResources(c, row, finalizer, row.clusterId);
    return c.json({});
  });
}

async function removeAlone(c: ApiContext, row: ApplicationRow): Promise<void> {
  const stopped = await c.var.deps.db.transaction(async (tx) => {
    const operation = await requestTermination(tx, row.id);
    await removeApplication(tx, row.id);
    await recordAudit(tx, auditOf(c, row, { cascade: false }));
    return operation;
  });
  nudge(c, stopped);
}

async function removeWithResources(
  c: ApiContext,
  row: ApplicationRow,
  finalizer: string,
  clusterId: string,
): Promise<void> {
  const { db, engine } = c.var.deps;
  const others = row.finalizers.filter((entry) => !entry.startsWith(resourcesFinalizer));
  const stopped = await db.transaction(async (tx) => {
    await markDeleting(tx, row, [...others, finalizer]);
    await recordAudit(tx, auditOf(c, row, { cascade: true, finalizer }));
    const live = await liveOperation(tx, row.id);
    return live?.kind === 'sync' ? requestTermination(tx, row.id) : live;
  });
  if (stopped?.kind === 'delete') return;
  nudge(c, stopped);
  if (!(await isStopped(c, row))) return;

  const { username } = subjectOf(c);
  const operation = await requestOperation(db, {
    application: row,
    kind: 'delete',
    initiatedBy: { username, automated: false },
    request: deletionRequest,
  }).catch((error: unknown) => {
    // The sweeper was faster: the deletion runs already.
    if (error instanceof KeelsonError && error.code === 'precondition-failed') return undefined;
    throw error;
  });
  if (operation === undefined) return;
  sendHint(c, engine.startOperation({ id: operation.id, applicationId: row.id, kind: 'delete', clusterId }));
}

function auditOf(c: ApiContext, row: ApplicationRow, details: Readonly<Record<string, unknown>>) {
  return {
    actor: subjectOf(c).username,
    action: 'application.delete',
    object: permissionName(row),
    details,
  };
}

function nudge(c: ApiContext, operation: OperationRow | undefined): void {
  if (operation === undefined) return;
  const { id, applicationId, kind } = operation;
  sendHint(c, c.var.deps.engine.nudgeOperation({ id, applicationId, kind }));
}

/** Whether no operation of the application is live, after a short wait for one that is being stopped. */
async function isStopped(c: ApiContext, row: ApplicationRow): Promise<boolean> {
  const deadline = performance.now() + maxStopMilliseconds;
  for (;;) {
    if ((await liveOperation(c.var.deps.db, row.id)) === undefined) return true;
    if (performance.now() >= deadline) return false;
    await sleep(stopPollMilliseconds);
  }
}
