import { createRoute, z } from '@hono/zod-openapi';
import { formatJson } from '../../../core/object/json/json.ts';
import { ApplicationFrame } from '../../../core/wire/application.ts';
import { ResourceTreeFrame } from '../../../core/wire/tree.ts';
import { applicationFilter } from '../../application/application-filter.ts';
import { lookUpApplication, requireSame } from '../../application/application-lookup.ts';
import { readTree, treeFilter } from '../../application/resource-tree.ts';
import { applicationFrames } from '../../application/stream/application-stream.ts';
import { asks, asksEach } from '../../auth/permission.ts';
import type { Api, ApiContext } from '../../context.ts';
import { streamReplies, text } from '../../route.ts';
import { type Frames, openStream, outboxFrames } from '../../stream/event-stream.ts';
import { createOutbox } from '../../stream/outbox.ts';

const watch = createRoute({
  method: 'get',
  path: '/api/v1/stream/applications',
  ...asksEach('applications', 'get'),
  tags: ['streams'],
  summary: 'Applications as they change; first all as ADDED, or what is newer than resourceVersion',
  request: { query: z.object(applicationFilter) },
  responses: streamReplies('Applications that changed', ApplicationFrame),
});

const watchTree = createRoute({
  method: 'get',
  path: '/api/v1/stream/applications/{name}/resource-tree',
  ...asks('applications', 'get'),
  tags: ['streams'],
  summary: 'The whole resource tree, at once and on each change',
  request: {
    params: z.object({ name: z.string() }),
    query: z.object({ ...treeFilter, project: text, appNamespace: text }),
  },
  responses: streamReplies('The tree', ResourceTreeFrame),
});

/** Both application streams. */
export function streamRoutes(api: Api): void {
  api.openapi(watch, (c) => {
    const query = c.req.valid('query');
    return openStream(c, () => applicationFrames(c, query));
  });

  api.openapi(watchTree, async (c) => {
    const { name } = c.req.valid('param');
    const { project, appNamespace, ...filter } = c.req.valid('query');
    const asked = { name, project, appNamespace };
    const row = await lookUpApplication(c, asked);
    return openStream(
      c,
      () => treeFrames(c, { id: row.id, name, filter }),
      async () => requireSame(row, await lookUpApplication(c, asked)),
    );
  });
}

type FollowedTree = {
  readonly id: string;
  readonly name: string;
  readonly filter: Parameters<typeof readTree>[2];
};

async function treeFrames(c: ApiContext, { id, name, filter }: FollowedTree): Promise<Frames> {
  const { db, feed, log } = c.var.deps;
  const outbox = createOutbox();
  const send = async (): Promise<void> => {
    outbox.put('tree', formatJson({ result: await readTree(db, id, filter) }));
  };
  const unsubscribe = feed.subscribe({
    changes: (changes) => {
      const own = changes.filter((change) => change.applicationId === id);
      if (own.some((change) => change.topic === 'application' && change.type === 'DELETED')) outbox.end();
      if (!own.some((change) => change.topic === 'tree')) return;
      send().catch((error: unknown) => {
        // The reader would show an old tree for good; a new stream starts with the present one.
        log.warn({ error, application: name }, 'tree could not be read, stream ends');
        outbox.end();
      });
    },
    end: outbox.end,
  });
  try {
    await send();
  } catch (error) {
    unsubscribe();
    throw error;
  }
  return outboxFrames(outbox, unsubscribe);
}
