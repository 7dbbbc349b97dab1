import { isHome, shownName } from '../core/application/home.ts';
import { KeelsonError } from '../core/errors.ts';
import type { ApplicationRow } from '../db/queries/application/application.ts';
import type { RecordDeps } from './deps.ts';

type Homes = Pick<RecordDeps, 'homeNamespace' | 'settings'>;
type Named = Pick<ApplicationRow, 'name' | 'namespace'>;

/** Whether the settings let applications live where this one does, as of now: nothing is written for another one. */
export function mayLive({ homeNamespace, settings }: Homes, { namespace }: Named): boolean {
  const patterns = settings.current().applicationNamespaces;
  return isHome(namespace, { controlPlane: homeNamespace, patterns });
}

/** Refuses to plan a sync of an application whose namespace is not permitted any more. */
export function requireHome(homes: Homes, application: Named): void {
  if (mayLive(homes, application)) return;
  const shown = shownName(application, homes.homeNamespace);
  throw new KeelsonError(
    'precondition-failed',
    `application "${shown}" can't be synced: namespace "${application.namespace}" is not permitted for applications`,
  );
}
