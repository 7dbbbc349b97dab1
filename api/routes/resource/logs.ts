import { createRoute, z } from '@hono/zod-openapi';
import { notPartOf, requireTreeNode } from '../../../control/action/tree-node.ts';
import { objectOf } from '../../../control/context.ts';
import { LogFrame } from '../../../core/wire/diff.ts';
import type { ApplicationRow } from '../../../db/queries/application/application.ts';
import { lookUpApplication, requireSame } from '../../application/application-lookup.ts';
import { requirePermission } from '../../auth/enforce.ts';
import { asks } from '../../auth/permission.ts';
import type { Api, ApiContext } from '../../context.ts';
import { streamReplies, text } from '../../route.ts';
import { type Frames, messageFrames, openStream } from '../../stream/event-stream.ts';
import { logEntries } from '../../stream/log-entries.ts';

const count = z.coerce.number().int().min(0).optional();

const logs = createRoute({
  method: 'get',
  path: '/api/v1/applications/{name}/pods/{podName}/logs',
  ...asks('logs', 'get'),
  tags: ['resources'],
  summary: "Log of a pod's container, at once or as it comes; `filter` keeps lines, with `!` drops them",
  request: {
    params: z.object({ name: z.string(), podName: z.string() }),
    query: z.object({
      namespace: text,
      container: text,
      follow: text,
      previous: text,
      tailLines: count,
      sinceSeconds: count,
      filter: text,
      project: text,
      appNamespace: text,
    }),
  },
  responses: streamReplies('Lines of the log', LogFrame),
});

/** Pod logs, straight from the cluster. */
export function logRoutes(api: Api): void {
  api.openapi(logs, async (c) => {
    const { name, podName } = c.req.valid('param');
    const { project, appNamespace, ...query } = c.req.valid('query');
    const asked = { name, project, appNamespace };
    const lookUp = async (): Promise<ApplicationRow> => {
      const found = await lookUpApplication(c, asked);
      requirePermission(c, 'logs', 'get', objectOf(c.var.deps, found));
      return found;
    };
    const row = await lookUp();
    const namespace = query.namespace || row.spec.destination.namespace || '';
    const pod = { group: '', kind: 'Pod', namespace, name: podName };
    await requireTreeNode(c.var.deps, row, pod);
    if (row.clusterId === null) throw notPartOf(row, pod);
    const { clusterId } = row;
    return openStream(
      c,
      () => podLogFrames(c, clusterId, { ...query, namespace, podName }),
      async () => requireSame(row, await lookUp()),
    );
  });
}

type LogQuery = {
  readonly namespace: string;
  readonly podName: string;
  readonly container?: string | undefined;
  readonly follow?: string | undefined;
  readonly previous?: string | undefined;
  readonly tailLines?: number | undefined;
  readonly sinceSeconds?: number | undefined;
  readonly filter?: string | undefined;
};

async function podLogFrames(c: ApiContext, clusterId: string, query: LogQuery): Promise<Frames> {
  const cluster = await c.var.deps.clusterFor(clusterId);
  const reading = new AbortController();
  const lines = await cluster.podLogs(query.namespace, query.podName, {
    timestamps: true,
    signal: reading.signal,
    ...(query.container ? { container: query.container } : {}),
    ...(query.follow === 'true' ? { follow: true } : {}),
    ...(query.previous === 'true' ? { previous: true } : {}),
    ...(query.tailLines === undefined ? {} : { tailLines: query.tailLines }),
    ...(query.sinceSeconds === undefined ? {} : { sinceSeconds: query.sinceSeconds }),
  });
  const entries = logEntries(lines, { podName: query.podName, filter: query.filter ?? '' });
  return messageFrames(entries, () => reading.abort());
}
