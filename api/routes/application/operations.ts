import { createRoute, z } from '@hono/zod-openapi';
import { nameOf, objectOf } from '../../../control/context.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { OperationList, OperationView } from '../../../core/wire/operation.ts';
import { findApplication } from '../../../db/queries/application/application.ts';
import {
  getOperation,
  listOperationsByName,
  type OperationRow,
} from '../../../db/queries/operation/operation.ts';
import { headView, operationView, operationViews } from '../../../db/queries/operation/operation-view.ts';
import {
  type ApplicationQuery,
  lookUpApplication,
  namespaceOf,
} from '../../application/application-lookup.ts';
import { enforce } from '../../auth/enforce.ts';
import { asks } from '../../auth/permission.ts';
import type { Api, ApiContext } from '../../context.ts';
import { replies, text } from '../../route.ts';

const scope = { project: text, appNamespace: text };

const list = createRoute({
  method: 'get',
  path: '/api/v1/applications/{name}/operations',
  ...asks('applications', 'get'),
  tags: ['sync'],
  summary: 'Syncs and deletions of an application, newest first, failed ones too',
  request: {
    params: z.object({ name: z.string() }),
    query: z.object({ ...scope, limit: z.coerce.number().int().min(1).max(200).default(20) }),
  },
  responses: replies('Operations without their steps', OperationList),
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/applications/{name}/operations/{id}',
  ...asks('applications', 'get'),
  tags: ['sync'],
  summary: 'One operation: plan, steps with results, waits with reasons, timings',
  request: { params: z.object({ name: z.string(), id: z.uuid() }), query: z.object(scope) },
  responses: replies('The operation', OperationView),
});

/** Operations of an application, also of one that was deleted: its operations outlive it. */
export function operationRoutes(api: Api): void {
  api.openapi(list, async (c) => {
    const { limit, ...query } = c.req.valid('query');
    const named = { name: c.req.valid('param').name, ...query };
    const { db } = c.var.deps;
    const namespace = namespaceOf(c, query);
    const current = await findApplication(db, { namespace, name: named.name });
    // Of one in another project, too, whose name another application has by now.
    if (current === undefined || (named.project && named.project !== current.project)) {
      const rows = await listOperationsByName(db, { namespace, name: named.name }, limit);
      const items = rows.filter((row) => mayRead(c, row, named)).map(headView);
      if (items.length > 0) return c.json({ items });
    }
    const row = await lookUpApplication(c, named);
    return c.json({ items: await operationViews(db, row.id, limit) });
  });

  api.openapi(get, async (c) => {
    const { name, id } = c.req.valid('param');
    const named = { name, ...c.req.valid('query') };
    const { db } = c.var.deps;
    const [operation, view] = await Promise.all([getOperation(db, id), operationView(db, id)]);
    if (operation !== undefined && view !== undefined && mayRead(c, operation, named)) return c.json(view);
    // Says what it says of any application that is missing or forbidden.
    await lookUpApplication(c, named);
    throw new KeelsonError(
      'not-found',
      `operation ${id} is not one of application "${nameOf(c.var.deps, { name, namespace: namespaceOf(c, named) })}"`,
    );
  });
}

/** Whether an operation is one of the named application, in a project that the subject may read. */
function mayRead(c: ApiContext, operation: OperationRow, named: ApplicationQuery): boolean {
  const { project, applicationName: name, applicationNamespace: namespace } = operation;
  return (
    name === named.name &&
    namespace === namespaceOf(c, named) &&
    (!named.project || named.project === project) &&
    enforce(c, 'applications', 'get', objectOf(c.var.deps, { project, name, namespace }))
  );
}
