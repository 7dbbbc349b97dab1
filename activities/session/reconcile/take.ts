import type { ObservedFacts } from '../../../core/application/observe.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { sameJson } from '../../../core/object/json/canonical.ts';
import { parseSyncOptions } from '../../../core/sync/options/options.ts';
import type { Database } from '../../../db/client.ts';
import type { ApplicationRow } from '../../../db/queries/application/application.ts';
import { listOperations } from '../../../db/queries/operation/operation.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { type Picture, type PictureTools, takePicture } from '../compare/picture.ts';
import { type ShownPicture, showPicture } from './findings.ts';
import type { Subject } from './subject.ts';

/** A picture with all that an observation is made of. */
export type TakenPicture = ShownPicture & ObservedFacts;

/** Takes the picture of an application by its own spec and desired render. */
export async function pictureOf(
  tools: PictureTools & { readonly db: Database },
  session: ClusterSession,
  subject: Subject,
): Promise<TakenPicture> {
  const { application, instance, render } = subject;
  const { id, spec, renderError } = application;
  const version = `${render?.id} ${spec.destination.namespace ?? ''}`;
  const picture = await takePicture(tools, session, {
    ...subject,
    spec,
    onDesired: (keys) => session.desirers.note({ id, instance }, version, keys),
  });
  return {
    ...(await showPicture(session, subject, picture)),
    isRendered: render !== undefined,
    renderError,
    fault: picture.terms.fault,
    namespaceDiffers: await namespaceDiffers(tools.db, application, picture),
  };
}

/**
 * Whether the destination namespace should have other labels and annotations than the last sync gave it. The
 * namespace itself isn't compared, since others put labels there too, and one from the source says it all itself.
 */
async function namespaceDiffers(
  db: Database,
  application: ApplicationRow,
  { objects }: Picture,
): Promise<boolean> {
  const { syncPolicy, destination } = application.spec;
  const managed = syncPolicy?.managedNamespaceMetadata;
  if (managed === undefined || !parseSyncOptions(syncPolicy?.syncOptions ?? []).createNamespace) return false;
  const fromSource = objects.some(
    ({ key, desired }) =>
      desired !== undefined && key.kind === 'Namespace' && key.name === destination.namespace,
  );
  if (fromSource) return false;
  const recent = await listOperations(db, application.id, 10);
  const last = recent.find(
    ({ kind, request, revision }) => kind === 'sync' && !request.dryRun && revision !== null,
  );
  if (last === undefined) return true;
  return !sameJson(managed, last.spec.syncPolicy?.managedNamespaceMetadata ?? null);
}

/** A failure that the same comparison would meet again, until somebody changes something; any other is thrown. */
export function lastingFailure(error: unknown): KeelsonError {
  if (error instanceof KeelsonError && !error.retryable && error.code !== 'fenced') return error;
  throw error;
}
