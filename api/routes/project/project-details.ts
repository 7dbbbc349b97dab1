import { createRoute, z } from '@hono/zod-openapi';
import { KeelsonError } from '../../../core/errors.ts';
import { projectManifest } from '../../../core/project/manifest.ts';
import type { AppProject } from '../../../core/project/project.ts';
import { globalProjectsOf } from '../../../core/project/rules/global.ts';
import { openWindows } from '../../../core/project/window/decision.ts';
import { isActive } from '../../../core/project/window/window.ts';
import { GlobalProjectList, ProjectDetails, ProjectWindows } from '../../../core/wire/project.ts';
import { countApplicationsByCluster, listClusters } from '../../../db/queries/cluster/cluster.ts';
import { findEffectiveProject } from '../../../db/queries/project/effective-project.ts';
import { listProjects } from '../../../db/queries/project/project.ts';
import { listRepositories } from '../../../db/queries/repository/repository.ts';
import { asks } from '../../auth/permission.ts';
import { clusterJson } from '../../cluster/cluster-json.ts';
import type { Api, ApiContext } from '../../context.ts';
import { lookUpProject } from '../../project/look-up-project.ts';
import { repositoriesJson } from '../../repository/repository-json.ts';
import { replies } from '../../route.ts';

const nameParam = z.object({ name: z.string() });

const details = createRoute({
  method: 'get',
  path: '/api/v1/projects/{name}/detailed',
  ...asks('projects', 'get'),
  tags: ['projects'],
  summary:
    'A project with all that it inherits, its global projects, and the repositories and clusters of its own',
  request: { params: nameParam },
  responses: replies('The project and what belongs to it, without credentials', ProjectDetails),
});

const globals = createRoute({
  method: 'get',
  path: '/api/v1/projects/{name}/globalprojects',
  ...asks('projects', 'get'),
  tags: ['projects'],
  summary: 'The global projects that a project inherits from',
  request: { params: nameParam },
  responses: replies('The global projects in the order in which they are added', GlobalProjectList),
});

const windows = createRoute({
  method: 'get',
  path: '/api/v1/projects/{name}/syncwindows',
  ...asks('projects', 'get'),
  tags: ['projects'],
  summary: 'The sync windows of a project that are active now',
  request: { params: nameParam },
  responses: replies('The active windows', ProjectWindows),
});

/** What a project inherits and has. */
export function projectDetailRoutes(api: Api): void {
  api.openapi(details, async (c) => {
    const { name } = c.req.valid('param');
    const row = await lookUpProject(c, name);
    const { db, keyring, config } = c.var.deps;
    const [effective, globalProjects, clusters, counts, repositories] = await Promise.all([
      findEffectiveProject(c.var.deps, name),
      globalsOf(c, name),
      listClusters(db),
      countApplicationsByCluster(db),
      listRepositories(db),
    ]);
    const shown = projectManifest(row, config.controlPlaneNamespace);
    const own = repositories.filter(({ project }) => project === name);
    return c.json({
      project: effective.usable ? { ...shown, spec: effective.project.spec } : shown,
      globalProjects,
      repositories: await repositoriesJson(c, own),
      clusters: clusters
        .filter(({ project }) => project === name)
        .map((cluster) => clusterJson(keyring, cluster, counts.get(cluster.id) ?? 0)),
    } satisfies ProjectDetails);
  });

  api.openapi(globals, async (c) => {
    const { name } = c.req.valid('param');
    await lookUpProject(c, name);
    return c.json({ items: await globalsOf(c, name) } satisfies GlobalProjectList);
  });

  api.openapi(windows, async (c) => {
    const row = await lookUpProject(c, c.req.valid('param').name);
    const { spec } = projectManifest(row, c.var.deps.config.controlPlaneNamespace);
    const { opened, unreadable } = openWindows(spec.syncWindows ?? []);
    const [broken] = unreadable;
    if (broken !== undefined) {
      throw new KeelsonError(
        'precondition-failed',
        `a sync window of ${row.name} cannot be read: ${broken.message}`,
      );
    }
    const at = c.var.deps.now().getTime();
    const active = opened.filter((one) => isActive(one, at)).map(({ window }) => window);
    return c.json({ windows: active } satisfies ProjectWindows);
  });
}

async function globalsOf(c: ApiContext, name: string): Promise<AppProject[]> {
  const { db, settings, config } = c.var.deps;
  const all = (await listProjects(db)).map((row) => projectManifest(row, config.controlPlaneNamespace));
  const byName = new Map(all.map((project) => [project.metadata.name, project]));
  const project = byName.get(name);
  return project === undefined ? [] : globalProjectsOf(project, settings.current().globalProjects, byName);
}
