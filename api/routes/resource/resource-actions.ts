import { createRoute, z } from '@hono/zod-openapi';
import { type ActionTarget, findActionTarget } from '../../../control/action/action-target.ts';
import { runAction } from '../../../control/action/run-action.ts';
import { discoverActions } from '../../../core/action/discover.ts';
import { KeelsonError } from '../../../core/errors.ts';
import type { ResourceKey } from '../../../core/object/key.ts';
import { ActionList } from '../../../core/wire/action.ts';
import { Empty } from '../../../core/wire/shape.ts';
import { lookUpApplication } from '../../application/application-lookup.ts';
import { actorOf } from '../../auth/enforce.ts';
import { asks } from '../../auth/permission.ts';
import type { Api, ApiContext } from '../../context.ts';
import { documentedBody, readJson, replies, text, validatedBody } from '../../route.ts';

const params = z.object({ name: z.string() });
const object = { resourceName: z.string(), kind: z.string(), namespace: text, group: text, version: text };
const scope = { project: text, appNamespace: text };
const path = '/api/v1/applications/{name}/resource/actions';

const list = createRoute({
  method: 'get',
  path,
  ...asks('applications', 'get'),
  tags: ['resources'],
  summary: 'Actions of one object; those that its state forbids are disabled with the reason',
  request: { params, query: z.object({ ...object, ...scope }) },
  responses: replies('The actions', ActionList),
});

const run = createRoute({
  method: 'post',
  path,
  ...asks('applications', 'action'),
  tags: ['resources'],
  summary: 'Runs an action on one object; the body is the name of the action',
  request: {
    params,
    query: z.object({ ...object, ...scope }),
    body: documentedBody({ type: 'string' }),
  },
  responses: replies('Nothing', Empty),
});

const ActionRequest = z.object({
  ...object,
  ...scope,
  action: z.string().min(1),
  resourceActionParameters: z
    .array(z.object({ name: z.string().min(1), value: z.string().default('') }))
    .nullish(),
});

const runWithParameters = createRoute({
  method: 'post',
  path: `${path}/v2`,
  ...asks('applications', 'action'),
  tags: ['resources'],
  summary: 'Runs an action with parameters on one object',
  request: { params, body: validatedBody(ActionRequest) },
  responses: replies('Nothing', Empty),
});

/** Actions of the objects of an application. */
export function resourceActionRoutes(api: Api): void {
  api.openapi(list, async (c) => {
    const query = c.req.valid('query');
    const target = await findTarget(c, c.req.valid('param').name, query);
    const { settings, lua } = c.var.deps;
    const actions = await discoverActions(settings.current(), await target.read(), lua.run);
    return c.json({ actions });
  });

  api.openapi(run, async (c) => {
    const action = await readJson(c);
    if (typeof action !== 'string' || action === '') {
      throw new KeelsonError(
        'invalid-argument',
        'request body is not the name of an action; send a JSON text',
      );
    }
    const target = await findTarget(c, c.req.valid('param').name, c.req.valid('query'), action);
    await runAction(c.var.deps, actorOf(c), target, { action, values: {} });
    return c.json({});
  });

  api.openapi(runWithParameters, async (c) => {
    const { action, resourceActionParameters, ...query } = c.req.valid('json');
    const target = await findTarget(c, c.req.valid('param').name, query, action);
    const given = resourceActionParameters ?? [];
    const values = Object.fromEntries(given.map(({ name, value }) => [name, value]));
    await runAction(c.var.deps, actorOf(c), target, { action, values });
    return c.json({});
  });
}

type ObjectQuery = {
  readonly resourceName: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly project?: string | undefined;
  readonly appNamespace?: string | undefined;
};

/** The object that a request is about; with an action, the subject may run it. */
async function findTarget(
  c: ApiContext,
  name: string,
  query: ObjectQuery,
  action?: string,
): Promise<ActionTarget> {
  const { resourceName, kind, namespace = '', group = '', version, project, appNamespace } = query;
  const needed = action === undefined ? [] : [`action/${group}/${kind}/${action}`];
  const application = await lookUpApplication(c, { name, project, appNamespace }, ...needed);
  const key: ResourceKey = { group, kind, namespace, name: resourceName };
  return findActionTarget(c.var.deps, application, { key, version });
}
