import { namedBySource, namedRepositoryAccess } from '../../db/queries/repository/repository-access.ts';
import type { RenderDeps } from '../deps.ts';
import type { RemoteInputs } from '../render/request.ts';

/** Ways for a project's sources to what they name beside their own repository. */
export function remoteInputs(
  { db, keyring, charts, http }: Pick<RenderDeps, 'charts' | 'db' | 'http' | 'keyring'>,
  project: string,
): RemoteInputs {
  return {
    charts,
    http,
    accessFor: (url) => namedBySource(db, keyring, url, project),
    accessNamed: (name) => namedRepositoryAccess(db, keyring, name, project),
  };
}
