import { createRoute, z } from '@hono/zod-openapi';
import { KeelsonError } from '../../core/errors.ts';
import { deletionApprovedAnnotation } from '../../core/object/annotations.ts';
import type { ApplicationRow } from '../../db/queries/application.ts';
import { approveDeletions } from '../../db/queries/approval.ts';
import { recordAudit } from '../../db/queries/audit.ts';
import { liveOperation } from '../../db/queries/operation.ts';
import { lookUpApplication, permissionName } from '../application-lookup.ts';
import { showApplication } from '../application-show.ts';
import { subjectOf } from '../auth/enforce.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendHint } from '../hint.ts';
import { ref, replies, text } from '../route.ts';

const confirm = createRoute({
  method: 'post',
  path: '/api/v1/applications/{name}/confirm-deletion',
  tags: ['sync'],
  summary: 'Approve the deletions that the running operation waits with, and those it still comes to',
  request: {
    params: z.object({ name: z.string() }),
    query: z.object({ project: text, appNamespace: text }),
  },
  responses: replies('The application', ref('Application')),
});

/** Approving deletions under `Prune=confirm` and `Delete=confirm`. */
export function deletionApprovalRoutes(api: Api): void {
  api.openapi(confirm, async (c) => {
    const { name } = c.req.valid('param');
    const row = await lookUpApplication(c, { name, ...c.req.valid('query') }, 'update');
    await c.var.deps.db.transaction(async (tx) => {
      if (!(await approveDeletions(tx, row))) {
        throw new KeelsonError('not-found', `application "${name}" was deleted meanwhile`);
      }
      await recordAudit(tx, {
        actor: subjectOf(c).username,
        action: 'application.confirm-deletion',
        object: permissionName(row),
      });
    });
    await announceApproval(c, row);
    return c.json(await showApplication(c, row.id));
  });
}

/** Whether a change of an application's annotations approves deletions anew. */
export function approvesDeletions(
  before: Pick<ApplicationRow, 'annotations'>,
  after: Pick<ApplicationRow, 'annotations'>,
): boolean {
  const now = after.annotations[deletionApprovedAnnotation];
  return now !== undefined && now !== before.annotations[deletionApprovedAnnotation];
}

/** Tells the operation that may be waiting for an approval to look at it. */
export async function announceApproval(c: ApiContext, row: Pick<ApplicationRow, 'id'>): Promise<void> {
  const { db, engine } = c.var.deps;
  const operation = await liveOperation(db, row.id);
  if (operation === undefined) return;
  sendHint(c, engine.nudgeOperation({ id: operation.id, applicationId: row.id, kind: operation.kind }));
}
