import { eq } from 'drizzle-orm';
import { saveCluster } from '../../../../db/queries/cluster/cluster.ts';
import { saveRepository } from '../../../../db/queries/repository/repository.ts';
import { saveTemplate } from '../../../../db/queries/repository/repository-template.ts';
import { clusters } from '../../../../db/schema/cluster.ts';
import { guestbook, inClusterServer, type TestApi } from './api.ts';
import { projectWithRole, putProject, roleToken } from './rights.ts';

/** What a project has of its own; its names stand in nothing else. */
export type Belongings = {
  readonly project: string;
  readonly application: string;
  readonly repository: string;
  readonly cluster: string;
  readonly template: string;
};

/** What a project has, by its name. */
export function belongingsOf(project: string): Belongings {
  return {
    project,
    application: `${project}-web`,
    repository: `https://git.example.com/${project}/deploy.git`,
    cluster: `https://${project}.example.com`,
    template: `https://charts.example.com/${project}`,
  };
}

/** Two projects that have nothing to do with each other. */
export const [team, other] = [belongingsOf('team'), belongingsOf('rival')];

/** Everything that a role may have in a project. */
const everything = (project: string): string[] =>
  ['applications', 'applicationsets', 'clusters', 'exec', 'logs', 'repositories', 'windows', 'approvals'].map(
    (resource) => `${resource}, *, ${project}/*, allow`,
  );

/** Makes both projects with a role `all` that has every right in its own, and answers with the token of the first's. */
export async function layProjects(server: TestApi): Promise<string> {
  for (const { project } of [team, other]) {
    await putProject(
      server,
      project,
      projectWithRole(project, 'all', everything(project), [`${project}-group`]),
    );
  }
  const token = await roleToken(server, team.project, 'all');
  await server.deps.policy.reload();
  for (const belongings of [team, other]) {
    await layBelongings(server, belongings);
    await layApplication(server, belongings);
  }
  return token;
}

/** Registers what a project has that is not there, or not any more. */
export async function layBelongings(server: TestApi, of: Belongings): Promise<void> {
  const { db, keyring } = server;
  const { project, repository, cluster, template } = of;
  const credentials = { username: `${project}-robot`, password: `canary-${project}` };
  await saveRepository(db, keyring, { url: repository, type: 'git', name: project, project, credentials });
  await saveTemplate(db, keyring, { url: template, type: 'git', credentials });
  await saveCluster(db, keyring, { name: `${project}-cluster`, server: cluster, credentials: {} });
  await db.update(clusters).set({ project }).where(eq(clusters.server, cluster));
}

async function layApplication(server: TestApi, of: Belongings): Promise<void> {
  const { project, application, repository } = of;
  const source = { repoURL: repository, path: `${project}-folder` };
  const destination = { server: inClusterServer, namespace: `${project}-space` };
  const wanted = guestbook(application, { project, source, destination });
  const { status, body } = await server.call('POST', '/api/v1/applications', wanted);
  if (status !== 200) throw new Error(`application is not there: ${JSON.stringify(body)}`);
}
