import { createRoute, z } from '@hono/zod-openapi';
import { nameOf } from '../../../control/context.ts';
import { sourcesOf } from '../../../core/application/source/source.ts';
import type { ApplicationSource } from '../../../core/application/source/source-spec.ts';
import { maskManifest } from '../../../core/diff/secrets/mask.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { formatJson } from '../../../core/object/json/json.ts';
import { formatTime } from '../../../core/text/time.ts';
import { ChartDetails, Manifests, RevisionMetadata } from '../../../core/wire/application.ts';
import type { ApplicationRow } from '../../../db/queries/application/application.ts';
import { loadManifests } from '../../../db/queries/application/manifest.ts';
import { getCluster } from '../../../db/queries/cluster/cluster.ts';
import { findDeployment } from '../../../db/queries/operation/operation.ts';
import { lookUpApplication } from '../../application/application-lookup.ts';
import { inspect } from '../../application/inspect.ts';
import {
  type Rendered,
  renderNow,
  requestedRevisionsOf,
  revisionQuery,
} from '../../application/render-at.ts';
import { asks } from '../../auth/permission.ts';
import type { Api, ApiContext } from '../../context.ts';
import { replies, text } from '../../route.ts';

const scope = { project: text, appNamespace: text };
const path = '/api/v1/applications/{name}';

const manifests = createRoute({
  method: 'get',
  path: `${path}/manifests`,
  ...asks('applications', 'get'),
  tags: ['applications'],
  summary: 'What an application’s sources render to, now or at other revisions; values of Secrets are masked',
  request: { params: z.object({ name: z.string() }), query: z.object({ ...scope, ...revisionQuery }) },
  responses: replies('What the sources render to', Manifests),
});

const ofRevision = z.object({ name: z.string(), revision: z.string() });
const whichSource = { sourceIndex: text, versionId: text };

const metadata = createRoute({
  method: 'get',
  path: `${path}/revisions/{revision}/metadata`,
  ...asks('applications', 'get'),
  tags: ['applications'],
  summary: 'Author, date, message, tags and signature of a commit of an application’s source',
  request: { params: ofRevision, query: z.object({ ...scope, ...whichSource }) },
  responses: replies('The commit', RevisionMetadata),
});

const chartDetails = createRoute({
  method: 'get',
  path: `${path}/revisions/{revision}/chartdetails`,
  ...asks('applications', 'get'),
  tags: ['applications'],
  summary: 'Description, home and maintainers of a chart version of an application’s source',
  request: { params: ofRevision, query: z.object({ ...scope, ...whichSource }) },
  responses: replies('The chart', ChartDetails),
});

/** What an application's sources hold, as a worker finds it. */
export function applicationSourceRoutes(api: Api): void {
  api.openapi(manifests, async (c) => {
    const { project, appNamespace, ...query } = c.req.valid('query');
    const row = await lookUpApplication(c, { name: c.req.valid('param').name, project, appNamespace });
    return c.json(
      await manifestsJson(
        c,
        row,
        await renderNow(c, row, { revisions: requestedRevisionsOf(row.spec, query) }),
      ),
    );
  });

  api.openapi(metadata, async (c) => {
    const { row, source } = await sourceAsked(c, c.req.valid('param').name, c.req.valid('query'));
    const { revision } = c.req.valid('param');
    // Charts and artifacts have no commits.
    if (source.chart || source.repoURL.startsWith('oci://')) return c.json({});
    const commit = await inspect(c, {
      kind: 'metadata',
      url: source.repoURL,
      project: row.project,
      revision,
    });
    return c.json({ ...commit, date: formatTime(new Date(commit.date)) });
  });

  api.openapi(chartDetails, async (c) => {
    const { row, source } = await sourceAsked(c, c.req.valid('param').name, c.req.valid('query'));
    if (!source.chart) {
      throw new KeelsonError(
        'invalid-argument',
        `source ${source.repoURL} names no chart; ask for the metadata of its revision`,
      );
    }
    return c.json(
      await inspect(c, {
        kind: 'chart-details',
        url: source.repoURL,
        project: row.project,
        chart: source.chart,
        revision: c.req.valid('param').revision,
      }),
    );
  });
}

/** A render as clients of this API family get it. */
export async function manifestsJson(
  c: ApiContext,
  row: ApplicationRow,
  render: Rendered,
): Promise<Manifests> {
  const { db, keyring, settings } = c.var.deps;
  const digests = render.objects.map(({ digest }) => digest);
  const objects = await loadManifests(db, keyring, digests);
  const { maskedAnnotations } = settings.current();
  const cluster = row.clusterId === null ? undefined : await getCluster(db, row.clusterId);
  return {
    manifests: digests.flatMap((digest) => {
      const manifest = objects.get(digest);
      return manifest === undefined ? [] : [formatJson(maskManifest(manifest, maskedAnnotations))];
    }),
    revision: render.revision,
    sourceType: render.sourceTypes[0] ?? '',
    ...(render.sourceTypes.length > 1 ? { sourceTypes: render.sourceTypes } : {}),
    namespace: row.spec.destination.namespace ?? '',
    server: cluster?.server ?? row.spec.destination.server ?? '',
    commands: [],
  };
}

type SourceQuery = {
  readonly project?: string | undefined;
  readonly appNamespace?: string | undefined;
  readonly sourceIndex?: string | undefined;
  readonly versionId?: string | undefined;
};

/** The source that a position means, of the spec or of a deployment in the history. */
async function sourceAsked(
  c: ApiContext,
  name: string,
  { project, appNamespace, sourceIndex, versionId }: SourceQuery,
): Promise<{ readonly row: ApplicationRow; readonly source: ApplicationSource }> {
  const row = await lookUpApplication(c, { name, project, appNamespace });
  const position = Number(sourceIndex || 0);
  const deployed = versionId
    ? await findDeployment(c.var.deps.db, row.id, Number(versionId) || 0)
    : undefined;
  const spec = deployed?.spec ?? row.spec;
  const source = sourcesOf(spec)[position];
  if (source !== undefined) return { row, source };
  throw new KeelsonError(
    'invalid-argument',
    `application "${nameOf(c.var.deps, row)}" has no source ${position}; sources are counted from 0`,
  );
}
