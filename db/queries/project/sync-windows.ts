import { windowsOfProject } from '../../../core/project/window/closure.ts';
import { type OpenedWindows, openWindows } from '../../../core/project/window/decision.ts';
import { getCluster } from '../cluster/cluster.ts';
import { findEffectiveProject, type ProjectReader } from './effective-project.ts';

/** What is to be synced where, as its project's sync windows see it. */
export type WindowSubject = {
  readonly project: string;
  readonly name: string;
  readonly spec: { readonly destination: { readonly namespace?: string | undefined } };
  readonly clusterId: string | null;
};

/** The sync windows that are an application's at this moment, its project's own and the inherited ones. */
export async function syncWindowsOf(reader: ProjectReader, subject: WindowSubject): Promise<OpenedWindows> {
  const { project: name, clusterId, spec } = subject;
  const project = await findEffectiveProject(reader, name);
  if (!project.usable || (project.project.spec.syncWindows ?? []).length === 0) return openWindows([]);
  const cluster = clusterId === null ? undefined : await getCluster(reader.db, clusterId);
  return windowsOfProject(project, {
    name: subject.name,
    namespace: spec.destination.namespace ?? '',
    server: cluster?.server ?? '',
    cluster: cluster?.name ?? '',
  });
}
