import { isHome } from '../../core/application/home.ts';
import { permitsSourceNamespace } from '../../core/project/rules/permits.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { findEffectiveProject, type ProjectReader } from '../../db/queries/project/effective-project.ts';

/** Where an application lives, and in which project. */
export type Home = Pick<ApplicationRow, 'namespace' | 'project'>;

/**
 * Why nothing is written for an application where it lives, as of now: the settings let none live there, or its project
 * takes none from there. Undefined where it may, as always in the control-plane namespace.
 */
export async function homeFault(
  reader: ProjectReader,
  controlPlane: string,
  { namespace, project }: Home,
): Promise<string | undefined> {
  if (namespace === controlPlane) return undefined;
  if (!isPermitted(reader, controlPlane, namespace)) {
    return `namespace "${namespace}" is not permitted for applications`;
  }
  const effective = await findEffectiveProject(reader, project);
  // One that can't be asked has taken nothing.
  if (!effective.usable) return effective.message;
  const answer = permitsSourceNamespace(effective.project, namespace);
  return answer.permitted ? undefined : `${answer.message} (${answer.rule})`;
}

/** Whether the settings let applications live in a namespace. */
export function isPermitted(
  { settings }: Pick<ProjectReader, 'settings'>,
  controlPlane: string,
  namespace: string,
): boolean {
  return isHome(namespace, { controlPlane, patterns: settings.current().applicationNamespaces });
}
