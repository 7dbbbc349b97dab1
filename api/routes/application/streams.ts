import { createRoute, z } from '@hono/zod-openapi';
import { applicationManifest, finalManifest } from '../../../core/application/manifest.ts';
import type { Application } from '../../../core/application/spec/spec.ts';
import { formatJson } from '../../../core/object/json/json.ts';
import { ApplicationFrame } from '../../../core/wire/application.ts';
import { ResourceTreeFrame } from '../../../core/wire/tree.ts';
import type { ShownColumn } from '../../../db/queries/application/application-list.ts';
import { completeApplications } from '../../../db/queries/application/application-record.ts';
import { deletionsAfter } from '../../../db/queries/application/change-feed.ts';
import { pagesOfApplications } from '../../../db/queries/application/list/application-page.ts';
import { type ApplicationEvent, isFinal } from '../../application/application-feed.ts';
import {
  type ApplicationFilterQuery,
  applicationFilter,
  applicationMatcher,
  listingOf,
} from '../../application/application-filter.ts';
import { createFramer } from '../../application/application-frames.ts';
import { mostOfPage } from '../../application/application-list.ts';
import { lookUpApplication } from '../../application/application-lookup.ts';
import { partsFor } from '../../application/application-parts.ts';
import { readTree, treeFilter } from '../../application/resource-tree.ts';
import { asks, asksEach } from '../../auth/permission.ts';
import type { Api, ApiContext } from '../../context.ts';
import { readFields } from '../../request/fields.ts';
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
    const row = await lookUpApplication(c, { name, project, appNamespace });
    return openStream(c, () => treeFrames(c, { id: row.id, name, filter }));
  });
}

async function applicationFrames(c: ApiContext, query: ApplicationFilterQuery): Promise<Frames> {
  const matches = applicationMatcher(c, query);
  const fields = readFields(query.fields, 'result');
  const since = query.resourceVersion && !query.name ? Number.parseInt(query.resourceVersion, 10) : undefined;
  const outbox = createOutbox();
  const frames = createFramer(fields, since ?? 0);
  const put = (event: ApplicationEvent): void => {
    if (!matches(filterable(event.application))) return;
    const frame = frames(event);
    if (frame !== undefined) outbox.put(event.id, frame);
  };
  // Subscribed before the replay is read: what changes in between comes twice rather than never.
  const unsubscribe = c.var.applications.subscribe({
    events: (events) => events.forEach(put),
    end: outbox.end,
  });
  try {
    for (const event of await readPresent(c, query, since)) put(event);
  } catch (error) {
    unsubscribe();
    throw error;
  }
  return outboxFrames(outbox, unsubscribe);
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

/**
 * What a new reader has to be told: everything there is, or, for one that knows the state at a version, what has
 * changed or gone since.
 */
async function readPresent(
  c: ApiContext,
  query: ApplicationFilterQuery,
  since: number | undefined,
): Promise<ApplicationEvent[]> {
  const { db, config } = c.var.deps;
  const parts = partsFor(readFields(query.fields, 'result.application'));
  // The spec as well: what is put before the reader is filtered once more, by the application that it is.
  const columns: readonly ShownColumn[] = [...parts.columns, 'spec'];
  const events: ApplicationEvent[] = [];
  for await (const rows of pagesOfApplications(db, await listingOf(c, query), mostOfPage, columns)) {
    const news = rows.filter((row) => row.resourceVersion > (since ?? 0));
    for (const record of await completeApplications(db, news, parts)) {
      events.push({
        type: since === undefined ? 'ADDED' : 'MODIFIED',
        id: record.row.id,
        application: applicationManifest(record, config.controlPlaneNamespace),
      });
    }
  }
  if (since === undefined) return events;
  const gone = (await deletionsAfter(db, since)).flatMap(({ final }) => (isFinal(final) ? [final] : []));
  return [
    ...gone.map((final) => ({
      type: 'DELETED' as const,
      id: final.uid,
      application: finalManifest(final),
    })),
    ...events,
  ];
}

function filterable(application: Application) {
  const { name, namespace = '', labels = {} } = application.metadata;
  return { name, namespace, labels, project: application.spec.project, spec: application.spec };
}
