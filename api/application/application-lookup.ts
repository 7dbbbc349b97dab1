import { nameOf, objectOf } from '../../control/context.ts';
import { KeelsonError } from '../../core/errors.ts';
import { type ApplicationRow, findApplication } from '../../db/queries/application/application.ts';
import { enforce, requirePermission } from '../auth/enforce.ts';
import type { ApiContext } from '../context.ts';

export type ApplicationQuery = {
  readonly name: string;
  readonly project?: string | undefined;
  readonly appNamespace?: string | undefined;
};

/** The namespace that a request means, which is Keelson's own where it names none. */
export function namespaceOf(c: ApiContext, { appNamespace }: Pick<ApplicationQuery, 'appNamespace'>): string {
  return appNamespace || c.var.deps.config.controlPlaneNamespace;
}

/**
 * Finds an application that the subject may do `actions` to. Without a project, a missing one looks like a
 * forbidden one, so that names can't be probed; with a project that the subject may read it is not found.
 */
export async function lookUpApplication(
  c: ApiContext,
  query: ApplicationQuery,
  ...actions: readonly string[]
): Promise<ApplicationRow> {
  const { db } = c.var.deps;
  const { name, project } = query;
  const namespace = namespaceOf(c, query);
  const row = await findApplication(db, { namespace, name });
  if (project !== undefined && project !== '') {
    if (!enforce(c, 'applications', 'get', objectOf(c.var.deps, { project, name, namespace })))
      throw denied();
    if (row === undefined || row.project !== project) {
      throw new KeelsonError(
        'not-found',
        `application "${nameOf(c.var.deps, { namespace, name })}" was not found in project "${project}"; check both names`,
      );
    }
  }
  if (row === undefined || !enforce(c, 'applications', 'get', objectOf(c.var.deps, row))) throw denied();
  for (const action of actions) requirePermission(c, 'applications', action, objectOf(c.var.deps, row));
  return row;
}

function denied(): KeelsonError {
  return new KeelsonError('forbidden', 'permission denied');
}
