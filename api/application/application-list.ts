import { applicationManifest } from '../../core/application/manifest.ts';
import { KeelsonError } from '../../core/errors.ts';
import { formatJson } from '../../core/object/json/json.ts';
import { formatContinue, type PagePosition, parseContinue } from '../../core/wire/page.ts';
import type { ShownRow } from '../../db/queries/application/application-list.ts';
import { completeApplications } from '../../db/queries/application/application-record.ts';
import {
  countApplications,
  pageOfApplications,
  pagesOfApplications,
  versionOfList,
} from '../../db/queries/application/list/application-page.ts';
import type { Listing } from '../../db/queries/application/list/listing.ts';
import { subjectOf } from '../auth/enforce.ts';
import type { ApiContext } from '../context.ts';
import { type Fields, readFields } from '../request/fields.ts';
import { type ApplicationFilterQuery, listingOf } from './application-filter.ts';
import { partsFor } from './application-parts.ts';

/** Most applications of one page; a list without pages comes in pieces of as many. */
export const mostOfPage = 500;

export type ListQuery = ApplicationFilterQuery & {
  readonly limit?: string | undefined;
  readonly continue?: string | undefined;
  readonly counts?: boolean | undefined;
};

/** What a list is answered with. */
type Asked = {
  readonly c: ApiContext;
  readonly query: ListQuery;
  readonly listing: Listing;
  readonly fields: Fields;
};

/**
 * Answers with a page of a list, or with all of it: at once where that is little, else piece by piece, each read when the
 * one before has gone out, so that no list is in memory as a whole.
 */
export async function answerList(c: ApiContext, query: ListQuery): Promise<Response> {
  const asked = { c, query, listing: await listingOf(c, query), fields: readFields(query.fields, 'items') };
  const limit = readLimit(query.limit);
  const place = query.continue ? placeOf(query.continue) : undefined;
  const counts = query.counts ? await countApplications(c.var.deps.db, asked.listing) : undefined;
  const own = counts === undefined ? {} : { keelson: { counts } };
  const { db } = c.var.deps;
  const from = { after: place, limit: limit ?? mostOfPage };
  const { rows, next, version } = await pageOfApplications(
    db,
    asked.listing,
    from,
    partsFor(asked.fields).columns,
  );
  if (limit === undefined && place === undefined && next !== undefined) return streamList(asked, own);
  // Of all pages that of the first one: a stream from there on tells of every change since it was read.
  const resourceVersion = place?.resourceVersion ?? version;
  const metadata = {
    resourceVersion: String(resourceVersion),
    ...(next === undefined ? {} : { continue: formatContinue({ ...next, resourceVersion }) }),
  };
  return c.json({ metadata, items: await show(asked, rows), ...own });
}

/** No limit where there is none to be, as in Kubernetes; more than a page is a page. */
function readLimit(text: string | undefined): number | undefined {
  const limit = Number(text ?? '');
  return limit === 0 ? undefined : Math.min(limit, mostOfPage);
}

function placeOf(text: string): PagePosition {
  const place = parseContinue(text);
  if (place !== undefined) return place;
  throw new KeelsonError(
    'invalid-argument',
    'continue is none that a list has answered with; leave it out to begin with the first page',
  );
}

/** Applications as they are shown, in the order of their rows. */
async function show({ c, fields }: Asked, rows: readonly ShownRow[]): Promise<unknown[]> {
  const { db, config } = c.var.deps;
  const records = await completeApplications(db, rows, partsFor(fields));
  return records.map((record) => fields.pick(applicationManifest(record, config.controlPlaneNamespace)));
}

function streamList(asked: Asked, own: object): Response {
  const { c } = asked;
  const place = c.var.lasting.enter({ token: c.var.token ?? '', subject: subjectOf(c) });
  const pieces = piecesOf(asked, own);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      // A list that breaks off is no JSON, so nobody takes it for a whole one.
      void place.ended.then((reason) => controller.error(reason));
    },
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        if (done !== true) return controller.enqueue(encoder.encode(value));
        place.leave();
        controller.close();
      } catch (error) {
        place.leave();
        c.var.deps.log.warn({ error }, 'applications could not be listed to the end');
        controller.error(error);
      }
    },
    cancel: () => place.leave(),
  });
  return c.body(body, 200, { 'content-type': 'application/json' });
}

/** The JSON of a whole list, of which the version comes first: what changes while it is read is newer. */
async function* piecesOf(asked: Asked, own: object): AsyncGenerator<string> {
  const { c, query, listing, fields } = asked;
  const { db } = c.var.deps;
  const metadata = { resourceVersion: String(await versionOfList(db, listing)) };
  yield `${formatJson({ ...own, metadata }).slice(0, -1)},"items":[`;
  let separator = '';
  const { columns } = partsFor(fields);
  for await (const rows of pagesOfApplications(db, () => listingOf(c, query), mostOfPage, columns)) {
    const items = await show(asked, rows);
    if (items.length === 0) continue;
    yield separator + items.map((item) => formatJson(item)).join(',');
    separator = ',';
  }
  yield ']}';
}
