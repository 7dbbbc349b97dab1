import { instanceName } from '../../core/application/source/source.ts';
import { keyId } from '../../core/object/key.ts';
import { rulesOf } from '../../core/sync/operation/initiator.ts';
import { parseSyncOptions } from '../../core/sync/options/options.ts';
import { type ApplicationRow, getApplication } from '../../db/queries/application/application.ts';
import { appliedUids } from '../../db/queries/application/applied.ts';
import type { OperationRow } from '../../db/queries/operation/operation.ts';
import type { RecordDeps } from '../deps.ts';
import type { Ground } from './step.ts';

/** What the deletions of an operation are judged by at this moment, and not only when they were planned. */
export async function groundOf(
  deps: Pick<RecordDeps, 'content' | 'db' | 'homeNamespace' | 'settings'>,
  operation: OperationRow,
): Promise<Ground> {
  const application = await getApplication(deps.db, operation.applicationId);
  const { request, initiatedBy } = operation;
  const spec = application?.spec ?? operation.spec;
  // A person's own options are for this sync; all others are the application's, as they are by now.
  const own = !rulesOf(initiatedBy).followsApplication && request.syncOptions.length > 0;
  // Only prunes ask for it, and where nothing newer has come it costs nothing.
  const wanted = once(async () => application && wantedNow(deps, operation, application));
  // The application may be gone by now; what it was called stands with its operation.
  const metadata = { name: operation.applicationName, namespace: operation.applicationNamespace };
  return {
    owner: {
      instance: instanceName({ metadata }, deps.homeNamespace),
      tracking: deps.settings.current().tracking,
    },
    options: parseSyncOptions(own ? request.syncOptions : (spec.syncPolicy?.syncOptions ?? [])),
    applied: async (uid) => (await appliedUids(deps.db, [uid])).has(uid),
    wanted: async (key) => (await wanted())?.has(keyId(key)) === true,
  };
}

/**
 * Objects of the newest desired state, where the operation follows it and carries out an older one. A person who asked
 * for a revision wants that one, and a deletion wants none.
 */
async function wantedNow(
  deps: Pick<RecordDeps, 'content'>,
  { kind, request, initiatedBy, renderId }: OperationRow,
  { desiredRenderId }: ApplicationRow,
): Promise<ReadonlySet<string> | undefined> {
  const follows =
    rulesOf(initiatedBy).followsApplication || (request.revision ?? request.revisions) === undefined;
  if (kind === 'delete' || !follows || request.manifests !== undefined) return undefined;
  if (desiredRenderId === null || desiredRenderId === renderId) return undefined;
  const render = await deps.content.render(desiredRenderId);
  return new Set(render?.objects.map(({ key }) => keyId(key)));
}

/** Something that is read once, when it is first asked for. */
export function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => {
    reading ??= read();
    return reading;
  };
}
