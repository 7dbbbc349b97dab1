import { namespaceFault } from '../../../control/application/home.ts';
import type { FoundCondition } from '../../../core/application/conditions.ts';
import type { ObservedFacts } from '../../../core/application/observe.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { sameJson } from '../../../core/object/json/canonical.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { objectRefusal } from '../../../core/project/rules/refusal.ts';
import { parseSyncOptions } from '../../../core/sync/options/options.ts';
import type { Database } from '../../../db/client.ts';
import type { ApplicationRow } from '../../../db/queries/application/application.ts';
import { listOperations } from '../../../db/queries/operation/operation.ts';
import type { ProjectReader } from '../../../db/queries/project/effective-project.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { invalidSpecError, orphanedWarning } from '../compare/conditions.ts';
import { findOrphans, type Orphans } from '../compare/orphans.ts';
import { type Picture, type PictureTools, takePicture } from '../compare/picture.ts';
import { type ShownPicture, showPicture } from './findings.ts';
import type { Subject } from './subject.ts';

/** A picture with all that an observation is made of. */
export type TakenPicture = ShownPicture & ObservedFacts & { readonly orphans: readonly Manifest[] };

/** Takes the picture of an application by its own spec and desired render. */
export async function pictureOf(
  tools: PictureTools &
    Pick<ProjectReader, 'settings'> & { readonly db: Database; readonly homeNamespace: string },
  session: ClusterSession,
  subject: Subject,
): Promise<TakenPicture> {
  const { application, instance, project, render } = subject;
  const { id, spec, renderError } = application;
  const version = `${render?.id} ${spec.destination.namespace ?? ''}`;
  const picture = await takePicture(tools, session, {
    ...subject,
    spec,
    refusalOf: objectRefusal({ project, cluster: session.view.address }),
    onDesired: (keys, restoresHealth) =>
      session.desirers.note({ id, instance, restoresHealth }, version, keys),
  });
  const [shown, orphans] = await Promise.all([
    showPicture(session, subject, picture),
    findOrphans(tools, session, subject, picture),
  ]);
  return {
    ...shown,
    findings: [
      ...shown.findings,
      ...orphanFindings(orphans),
      ...homelessFindings(namespaceFault(tools, tools.homeNamespace, application.namespace)),
    ],
    orphans: orphans.objects,
    isRendered: render !== undefined,
    renderError,
    fault: picture.terms.fault,
    namespaceDiffers: await namespaceDiffers(tools.db, application, picture),
  };
}

/** It is compared as before, but nothing is written for it. */
function homelessFindings(fault: string | undefined): FoundCondition[] {
  return fault === undefined ? [] : [{ type: invalidSpecError, message: fault }];
}

/** The reference's words. */
function orphanFindings({ objects, warn }: Orphans): FoundCondition[] {
  if (!warn || objects.length === 0) return [];
  return [{ type: orphanedWarning, message: `Application has ${objects.length} orphaned resources` }];
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
