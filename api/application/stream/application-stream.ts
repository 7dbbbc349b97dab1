import { applicationManifest, finalManifest } from '../../../core/application/manifest.ts';
import type { Application } from '../../../core/application/spec/spec.ts';
import { runAgain } from '../../../core/waiting/run-again.ts';
import type { ShownRow } from '../../../db/queries/application/application-list.ts';
import {
  completeApplications,
  type RecordParts,
} from '../../../db/queries/application/application-record.ts';
import { deletionsAfter } from '../../../db/queries/application/change-feed.ts';
import { pagesOfApplications } from '../../../db/queries/application/list/application-page.ts';
import type { ApiContext } from '../../context.ts';
import { readFields } from '../../request/fields.ts';
import { type Frames, outboxFrames } from '../../stream/event-stream.ts';
import { createOutbox } from '../../stream/outbox.ts';
import {
  type ApplicationFilterQuery,
  applicationMatcher,
  listingOf,
  mayRead,
} from '../application-filter.ts';
import { mostOfPage } from '../application-list.ts';
import { partsFor } from '../application-parts.ts';
import { type ApplicationEvent, isFinal } from './application-feed.ts';
import { createFramer, type Framer } from './application-frames.ts';

type Following = {
  readonly c: ApiContext;
  readonly query: ApplicationFilterQuery;
  /** The version that the reader knows; undefined for one that begins with everything. */
  readonly since: number | undefined;
  readonly frames: Framer;
  readonly put: (id: string, frame: string | undefined) => void;
};

/** Applications that a reader may see, as they change and as its rights change. */
export async function applicationFrames(c: ApiContext, query: ApplicationFilterQuery): Promise<Frames> {
  const since = query.resourceVersion && !query.name ? Number.parseInt(query.resourceVersion, 10) : undefined;
  const outbox = createOutbox();
  const frames = createFramer(readFields(query.fields, 'result'), since ?? 0);
  const put = (id: string, frame: string | undefined): void => {
    if (frame !== undefined) outbox.put(id, frame);
  };
  const following = { c, query, since, frames, put };
  const tell = teller(following);
  // Subscribed before the replay is read: what changes in between comes twice rather than never.
  const unsubscribe = c.var.applications.subscribe({
    events: (events) => events.forEach(tell),
    end: outbox.end,
  });
  const unhear = followRights(following, outbox.end);
  const leave = (): void => {
    unhear();
    unsubscribe();
  };
  try {
    for (const event of await readPresent(following)) tell(event);
  } catch (error) {
    leave();
    throw error;
  }
  return outboxFrames(outbox, leave);
}

/** Tells of a change whoever may see the application, and that it is gone whoever might until it was moved. */
function teller({ c, query, frames, put }: Following): (event: ApplicationEvent) => void {
  const matches = applicationMatcher(c, query);
  return (event) => {
    const application = filterable(event.application);
    if (!matches(application)) return;
    const { id } = event;
    put(id, mayRead(c, application) ? frames.frame(event) : frames.hide(id));
  };
}

/** Shows what the reader may see from now on, and takes away what it may not, whenever a policy is another one. */
function followRights(following: Following, end: () => void): () => void {
  const { policy, log } = following.c.var.deps;
  const look = runAgain(() => judgeAnew(following));
  return policy.onChange(() => {
    look().catch((error: unknown) => {
      // The reader would go on with what it may not see; a new stream begins with what it may.
      log.warn({ error }, 'rights of a stream could not be judged anew, it ends');
      end();
    });
  });
}

async function judgeAnew(following: Following): Promise<void> {
  const { c, frames, put } = following;
  // Whatever comes into sight meanwhile is not among them.
  const before = frames.known();
  const visible = new Set<string>();
  for await (const rows of pagesOf(following)) {
    for (const { id } of rows) visible.add(id);
    const fresh = rows.filter(({ id }) => !before.has(id));
    for (const event of await eventsOf(following, fresh, 'ADDED')) {
      if (mayRead(c, filterable(event.application))) put(event.id, frames.reveal(event));
    }
  }
  for (const id of before) if (!visible.has(id)) put(id, frames.hide(id));
}

/**
 * What a new reader has to be told: everything there is, or, for one that knows the state at a version, what has
 * changed or gone since.
 */
async function readPresent(following: Following): Promise<ApplicationEvent[]> {
  const { c, since, frames } = following;
  const events: ApplicationEvent[] = [];
  for await (const rows of pagesOf(following)) {
    const news = rows.filter((row) => row.resourceVersion > (since ?? 0));
    if (since !== undefined) frames.begin(rows.filter((row) => row.resourceVersion <= since));
    events.push(...(await eventsOf(following, news, since === undefined ? 'ADDED' : 'MODIFIED')));
  }
  if (since === undefined) return events;
  const gone = (await deletionsAfter(c.var.deps.db, since)).flatMap(({ final }) =>
    isFinal(final) ? [final] : [],
  );
  return [
    ...gone.map((final) => ({
      type: 'DELETED' as const,
      id: final.uid,
      application: finalManifest(final),
    })),
    ...events,
  ];
}

/** The pages of what the reader is shown; with the spec, by which it is filtered once more as the application that it is. */
async function* pagesOf({ c, query }: Following): AsyncGenerator<readonly ShownRow[]> {
  const columns = [...partsOf(query).columns, 'spec'] as const;
  yield* pagesOfApplications(c.var.deps.db, () => listingOf(c, query), mostOfPage, columns);
}

async function eventsOf(
  { c, query }: Following,
  rows: readonly ShownRow[],
  type: ApplicationEvent['type'],
): Promise<ApplicationEvent[]> {
  const { db, config } = c.var.deps;
  const records = await completeApplications(db, rows, partsOf(query));
  return records.map((record) => ({
    type,
    id: record.row.id,
    application: applicationManifest(record, config.controlPlaneNamespace),
  }));
}

function partsOf({ fields }: ApplicationFilterQuery): RecordParts {
  return partsFor(readFields(fields, 'result.application'));
}

function filterable({ metadata, spec }: Application) {
  const { name, namespace = '', labels = {} } = metadata;
  return { name, namespace, labels, project: spec.project, spec };
}
