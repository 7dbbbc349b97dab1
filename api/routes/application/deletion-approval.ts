import { createRoute, z } from '@hono/zod-openapi';
import { approveDeletions } from '../../../control/application/approve-deletions.ts';
import { answerHeldDeletion } from '../../../control/home/answer-held.ts';
import { Application } from '../../../core/application/spec/spec.ts';
import { HeldAnswerBody } from '../../../core/wire/sync.ts';
import { lookUpApplication } from '../../application/application-lookup.ts';
import { showApplication } from '../../application/application-show.ts';
import { actorOf } from '../../auth/enforce.ts';
import { asks } from '../../auth/permission.ts';
import type { Api } from '../../context.ts';
import { replies, text, validatedBody } from '../../route.ts';

const confirm = createRoute({
  method: 'post',
  path: '/api/v1/applications/{name}/confirm-deletion',
  ...asks('applications', 'update'),
  tags: ['sync'],
  summary: 'Approve the deletions that the running operation waits with, and those it still comes to',
  request: {
    params: z.object({ name: z.string() }),
    query: z.object({ project: text, appNamespace: text }),
  },
  responses: replies('The application', Application),
});

const answer = createRoute({
  method: 'post',
  path: '/api/v1/applications/{name}/held-deletion',
  ...asks('approvals', 'approve'),
  tags: ['applications'],
  summary: 'Say what becomes of an application whose object was deleted together with many others',
  request: {
    params: z.object({ name: z.string() }),
    query: z.object({ project: text, appNamespace: text }),
    body: validatedBody(HeldAnswerBody),
  },
  responses: replies('The application', Application),
});

/** Approving deletions under `Prune=confirm` and `Delete=confirm`, and those that the guard of the home cluster holds. */
export function deletionApprovalRoutes(api: Api): void {
  api.openapi(confirm, async (c) => {
    const { name } = c.req.valid('param');
    const row = await lookUpApplication(c, { name, ...c.req.valid('query') }, 'update');
    await approveDeletions(c.var.deps, actorOf(c), row);
    return c.json(await showApplication(c, row.id));
  });

  api.openapi(answer, async (c) => {
    const { name } = c.req.valid('param');
    const row = await lookUpApplication(c, { name, ...c.req.valid('query') });
    await answerHeldDeletion(c.var.deps, actorOf(c), row, c.req.valid('json').answer);
    return c.json(await showApplication(c, row.id));
  });
}
