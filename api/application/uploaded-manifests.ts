import { isAutomated } from '../../control/application/request-sync.ts';
import { objectOf } from '../../control/context.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { readManifests } from '../../core/object/manifest/read-manifests.ts';
import { demandedKeys } from '../../core/project/roles/signature-keys.ts';
import type { SyncRequest } from '../../core/sync/operation/operation.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { storeManifests } from '../../db/queries/application/manifest.ts';
import { findEffectiveProject } from '../../db/queries/project/effective-project.ts';
import { requirePermission } from '../auth/enforce.ts';
import type { ApiContext } from '../context.ts';

/**
 * Keeps the manifests that come with a sync request, one JSON or YAML text each, and answers with their digests;
 * undefined when none come. They take the place of everything that the source would render, so the right `override`
 * is asked for, and automated sync would undo them.
 */
export async function storeUploaded(
  c: ApiContext,
  row: ApplicationRow,
  texts: readonly string[],
  request: Pick<SyncRequest, 'dryRun'>,
): Promise<readonly string[] | undefined> {
  if (texts.length === 0) return undefined;
  requirePermission(c, 'applications', 'override', objectOf(c.var.deps, row));
  if (isAutomated(row.spec) && !request.dryRun) {
    throw new KeelsonError(
      'precondition-failed',
      'cannot use local sync when Automatic Sync Policy is enabled unless for dry run; turn automated sync off first',
    );
  }
  const { db, keyring } = c.var.deps;
  const project = await findEffectiveProject(c.var.deps, row.spec.project);
  if (!project.usable) throw new KeelsonError('precondition-failed', project.message);
  if (demandedKeys(project.project.spec) !== undefined) {
    throw new KeelsonError(
      'precondition-failed',
      `Cannot use local sync when signature keys are required; commit the manifests, signed by a key of project "${row.spec.project}"`,
    );
  }
  return storeManifests(db, keyring, texts.flatMap(readUploaded));
}

function readUploaded(text: string, position: number): readonly Manifest[] {
  const { manifests, issues } = readManifests(text, `manifests[${position}]`);
  const [first] = issues;
  if (first === undefined) return manifests;
  throw new KeelsonError('manifest-invalid', `${first.path}: ${first.message}`);
}
