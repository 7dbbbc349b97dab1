import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shownName } from '../../core/application/home.ts';
import { instanceName, sourcesOf } from '../../core/application/source/source.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { Inspections } from '../../core/repository/inspection.ts';
import { openUpload } from '../../db/queries/application/upload.ts';
import { getCluster } from '../../db/queries/cluster/cluster.ts';
import { unpackTar } from '../archive/unpack.ts';
import type { RenderDeps } from '../deps.ts';
import { type DesiredInput, renderUploaded } from '../desired/desired.ts';
import { renderRoot } from './render-root.ts';

/** What an upload may grow to: a working copy of a large repository, not more. */
const limits = { maxEntries: 20_000, maxBytes: 256 * 1024 * 1024 };

/** Renders uploaded files as if they were those of the application's only source. */
export async function renderUpload(
  deps: RenderDeps,
  target: Pick<DesiredInput, 'application' | 'spec' | 'clusterId'>,
  uploadId: string,
  signal: AbortSignal,
): Promise<Inspections['manifests']['reply']> {
  const { application, spec } = target;
  const [source, ...more] = sourcesOf(spec);
  if (source === undefined || more.length > 0 || source.chart) {
    throw new KeelsonError(
      'invalid-argument',
      `application "${shownName(application, deps.homeNamespace)}" has not one source with a path; local files can take the place of such a one only`,
    );
  }
  const [archive, cluster] = await Promise.all([
    openUpload(deps.db, deps.keyring, uploadId),
    getCluster(deps.db, target.clusterId),
  ]);
  const scratch = await mkdtemp(join(tmpdir(), 'keelson-upload-'));
  try {
    const [packed, root] = [join(scratch, 'files.tgz'), join(scratch, 'files')];
    await writeFile(packed, archive, { mode: 0o600 });
    await mkdir(root);
    await unpackTar(packed, root, { gzip: true, limits, signal });
    const { manifests, sourceType } = await renderRoot(deps, {
      root,
      source,
      application: {
        instanceName: instanceName({ metadata: application }, deps.homeNamespace),
        name: application.name,
        namespace: spec.destination.namespace ?? '',
        project: spec.project,
        revision: '',
      },
      capabilities: cluster?.capabilities ?? undefined,
      signal,
    });
    const placed = await renderUploaded(deps, { ...target, manifests: await deps.content.store(manifests) });
    return { renderId: placed.id, revision: placed.revision, sourceTypes: [sourceType] };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
