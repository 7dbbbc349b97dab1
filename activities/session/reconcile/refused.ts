import { projectIssues } from '../../../core/project/rules/refusal.ts';
import type { Database } from '../../../db/client.ts';
import { requestRefreshes } from '../../../db/queries/application/refresh-request.ts';
import type { Engine } from '../../../engine/engine.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { invalidConditions, invalidSpecError } from '../compare/conditions.ts';
import { saveUnknown } from './save-unknown.ts';
import type { Subject } from './subject.ts';

type RefusalTools = {
  readonly db: Database;
  readonly engine: Pick<Engine, 'refreshApplication'>;
  readonly homeNamespace: string;
};

/**
 * Whether the project has something against the application as a whole. Then this is stored with what was seen last, and
 * nothing is compared: what is Unknown is neither synced nor pruned. Once the project permits the application again, what
 * was not rendered meanwhile is rendered.
 */
export async function isRefused(
  { db, engine, homeNamespace }: RefusalTools,
  session: Pick<ClusterSession, 'observations' | 'view'>,
  subject: Subject,
): Promise<boolean> {
  const { application, project } = subject;
  const ground = { project, cluster: session.view.address };
  const issues = projectIssues(ground, application, homeNamespace);
  if (issues.length > 0) {
    await saveUnknown(session, subject, invalidConditions(issues));
    return true;
  }
  const wasRefused = application.conditions.some(({ type }) => type === invalidSpecError);
  if (wasRefused && application.renderError !== null) {
    await requestRefreshes(db, [application.id]);
    await engine.refreshApplication(application.id);
  }
  return false;
}
