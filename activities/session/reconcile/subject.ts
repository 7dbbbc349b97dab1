import { instanceName } from '../../../core/application/source/source.ts';
import type { ResourceKey } from '../../../core/object/key.ts';
import type { EffectiveProject } from '../../../core/project/effective.ts';
import type { Database } from '../../../db/client.ts';
import type { ContentStore } from '../../../db/content-store.ts';
import { type ComparisonSubject, comparisonSubject } from '../../../db/queries/application/desired.ts';
import type { RenderRow } from '../../../db/queries/application/render.ts';
import { findEffectiveProject, type ProjectReader } from '../../../db/queries/project/effective-project.ts';

/** An application as it is about to be compared: its rows, its desired state, and its name in tracking marks. */
export type Subject = ComparisonSubject & {
  readonly instance: string;
  readonly project: EffectiveProject;
  readonly render: RenderRow | undefined;
  /** Objects of the render that the newest operation brings or has brought, where it is another than the desired one. */
  readonly supposed: readonly ResourceKey[] | undefined;
};

/** What subjects are read with. */
export type SubjectTools = ProjectReader & {
  readonly content: Pick<ContentStore, 'render'>;
  readonly homeNamespace: string;
};

/** The rows of an application; undefined for one that isn't on this cluster any more. */
export async function readRows(
  db: Database,
  clusterId: string,
  applicationId: string,
): Promise<ComparisonSubject | undefined> {
  const subject = await comparisonSubject(db, applicationId);
  return subject?.application.clusterId === clusterId ? subject : undefined;
}

/** Reads what a comparison is about; undefined for an application that isn't on this cluster any more. */
export async function readSubject(
  tools: SubjectTools,
  clusterId: string,
  applicationId: string,
): Promise<Subject | undefined> {
  const { db, content, homeNamespace } = tools;
  const subject = await readRows(db, clusterId, applicationId);
  if (subject === undefined) return undefined;
  const { application, latest } = subject;
  const { desiredRenderId } = application;
  const broughtId = latest?.renderId ?? null;
  const renderOf = (id: string | null): Promise<RenderRow | undefined> | undefined =>
    id === null ? undefined : content.render(id);
  const [render, brought, project] = await Promise.all([
    renderOf(desiredRenderId),
    broughtId === desiredRenderId ? undefined : renderOf(broughtId),
    findEffectiveProject(tools, application.project),
  ]);
  return {
    ...subject,
    project,
    instance: instanceName({ metadata: application }, homeNamespace),
    render,
    supposed: brought?.objects.map(({ key }) => key),
  };
}

/** Whether an operation of the application is live. */
export function isSyncing({ latest }: Pick<ComparisonSubject, 'latest'>): boolean {
  return latest !== null && latest.finishedAt === null;
}

/** The refresh request that a comparison answers, if one is open. */
export function answeredBy({ dirty }: Pick<ComparisonSubject, 'dirty'>): { comparedGeneration?: number } {
  return dirty !== null && dirty.comparedGeneration < dirty.renderedGeneration
    ? { comparedGeneration: dirty.renderedGeneration }
    : {};
}
