import { createRoute, z } from '@hono/zod-openapi';
import { notPartOf, requireLiveNode } from '../../../control/action/tree-node.ts';
import { maskManifest } from '../../../core/diff/secrets/mask.ts';
import { formatJson } from '../../../core/object/json/json.ts';
import { LiveManifest, ResourceDiffList } from '../../../core/wire/diff.ts';
import { ResourceTree } from '../../../core/wire/tree.ts';
import { lookUpApplication } from '../../application/application-lookup.ts';
import { readManagedResources } from '../../application/managed-resources.ts';
import { renderNow, requestedRevisionsOf, revisionQuery } from '../../application/render-at.ts';
import { readTree, treeFilter } from '../../application/resource-tree.ts';
import { asks } from '../../auth/permission.ts';
import type { Api } from '../../context.ts';
import { readFields } from '../../request/fields.ts';
import { replies, text } from '../../route.ts';

const params = z.object({ name: z.string() });
const scope = { project: text, appNamespace: text };

const tree = createRoute({
  method: 'get',
  path: '/api/v1/applications/{name}/resource-tree',
  ...asks('applications', 'get'),
  tags: ['resources'],
  summary: 'Live objects of an application and what they own',
  request: { params, query: z.object({ ...treeFilter, ...scope }) },
  responses: replies('The tree', ResourceTree),
});

const managed = createRoute({
  method: 'get',
  path: '/api/v1/applications/{name}/managed-resources',
  ...asks('applications', 'get'),
  tags: ['resources'],
  summary:
    'Desired, live and predicted state of the objects, desired at other revisions if wanted; values of Secrets are masked',
  request: { params, query: z.object({ ...treeFilter, ...scope, ...revisionQuery, fields: text }) },
  responses: replies('The objects', ResourceDiffList),
});

const resource = createRoute({
  method: 'get',
  path: '/api/v1/applications/{name}/resource',
  ...asks('applications', 'get'),
  tags: ['resources'],
  summary: 'Live manifest of one object; values of Secrets are masked',
  request: {
    params,
    query: z.object({
      resourceName: z.string(),
      kind: z.string(),
      namespace: text,
      group: text,
      version: text,
      ...scope,
    }),
  },
  responses: replies('The manifest as a JSON text', LiveManifest),
});

/** Tree and objects of an application. */
export function resourceRoutes(api: Api): void {
  api.openapi(tree, async (c) => {
    const { project, appNamespace, ...filter } = c.req.valid('query');
    const row = await lookUpApplication(c, { name: c.req.valid('param').name, project, appNamespace });
    return c.json(await readTree(c.var.deps.db, row.id, filter));
  });

  api.openapi(managed, async (c) => {
    const { project, appNamespace, fields, revision, revisions, sourcePositions, ...filter } =
      c.req.valid('query');
    const row = await lookUpApplication(c, { name: c.req.valid('param').name, project, appNamespace });
    const wanted = readFields(fields, 'items');
    const asked = requestedRevisionsOf(row.spec, { revision, revisions, sourcePositions });
    const render = asked && (await renderNow(c, row, { revisions: asked }));
    const items = await readManagedResources(c.var.deps, row, filter, render);
    return c.json({ items: items.map((item) => wanted.pick(item)) });
  });

  api.openapi(resource, async (c) => {
    const { name } = c.req.valid('param');
    const { resourceName, kind, namespace = '', group = '', version, ...query } = c.req.valid('query');
    const { clusterFor, settings } = c.var.deps;
    const row = await lookUpApplication(c, { name, ...query });
    const key = { group, kind, namespace, name: resourceName };
    const node = await requireLiveNode(c.var.deps, row, key);
    if (row.clusterId === null) throw notPartOf(row, key);
    const served = version || node.version || 'v1';
    const cluster = await clusterFor(row.clusterId);
    const live = await cluster.get(group === '' ? served : `${group}/${served}`, key);
    if (live === undefined) throw notPartOf(row, key);
    return c.json({ manifest: formatJson(maskManifest(live, settings.current().maskedAnnotations)) });
  });
}
