import { namespaceIssues, sourceNamespaceIssues } from '../../core/project/rules/refusal.ts';
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
  const fault = namespaceFault(reader, controlPlane, namespace);
  if (fault !== undefined) return fault;
  const effective = await findEffectiveProject(reader, project);
  return sourceNamespaceIssues(effective, namespace, controlPlane)[0]?.message;
}

/** Why the settings let no application live in a namespace; undefined where they do. */
export function namespaceFault(
  { settings }: Pick<ProjectReader, 'settings'>,
  controlPlane: string,
  namespace: string,
): string | undefined {
  const patterns = settings.current().applicationNamespaces;
  return namespaceIssues(namespace, { controlPlane, patterns })[0]?.message;
}
