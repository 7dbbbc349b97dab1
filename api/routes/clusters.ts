import { createRoute, z } from '@hono/zod-openapi';
import { KeelsonError } from '../../core/errors.ts';
import { Cluster, ClusterList } from '../../core/wire/cluster.ts';
import {
  type ClusterRow,
  countApplicationsByCluster,
  findCluster,
  listClusters,
} from '../../db/queries/cluster/cluster.ts';
import { enforce } from '../auth/enforce.ts';
import { asks, asksEach } from '../auth/permission.ts';
import { clusterJson } from '../cluster/cluster-json.ts';
import type { Api } from '../context.ts';
import { decodeTwice } from '../request/path-id.ts';
import { replies, text } from '../route.ts';

const list = createRoute({
  method: 'get',
  path: '/api/v1/clusters',
  ...asksEach('clusters', 'get'),
  tags: ['clusters'],
  summary: 'List clusters',
  request: { query: z.object({ server: text, name: text }) },
  responses: replies('The clusters that the caller may see, without credentials', ClusterList),
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/clusters/{id}',
  ...asks('clusters', 'get'),
  tags: ['clusters'],
  summary: 'One cluster by server URL, or by name with id.type=name',
  request: {
    params: z.object({ id: z.string() }),
    query: z.object({ 'id.type': z.enum(['server', 'url', 'name', 'name_escaped']).optional() }),
  },
  responses: replies('The cluster, without credentials', Cluster),
});

/** Clusters, to read. */
export function clusterRoutes(api: Api): void {
  api.openapi(list, async (c) => {
    const { server, name } = c.req.valid('query');
    const { db, keyring } = c.var.deps;
    const [rows, counts] = await Promise.all([listClusters(db), countApplicationsByCluster(db)]);
    const shown = rows.filter(
      (row) =>
        (!server || row.server === server) &&
        (!name || row.name === name) &&
        enforce(c, 'clusters', 'get', permissionName(row)),
    );
    const items = shown.map((row) => clusterJson(keyring, row, counts.get(row.id) ?? 0));
    return c.json({ metadata: {}, items });
  });

  api.openapi(get, async (c) => {
    const id = decodeTwice(c.req.valid('param').id);
    const byName = c.req.valid('query')['id.type']?.startsWith('name') ?? false;
    const { db, keyring } = c.var.deps;
    const row = await findCluster(db, byName ? { name: id } : { server: id });
    if (row === undefined || !enforce(c, 'clusters', 'get', permissionName(row))) {
      throw new KeelsonError('forbidden', 'permission denied');
    }
    const counts = await countApplicationsByCluster(db);
    return c.json(clusterJson(keyring, row, counts.get(row.id) ?? 0));
  });
}

function permissionName(row: ClusterRow): string {
  return row.project === null ? row.server : `${row.project}/${row.server}`;
}
