import { createRoute, z } from '@hono/zod-openapi';
import { KeelsonError } from '../../core/errors.ts';
import { AppProject } from '../../core/project/project.ts';
import { formatTime } from '../../core/text/time.ts';
import { ProjectList } from '../../core/wire/project.ts';
import { findProject, listProjects, type ProjectRow } from '../../db/queries/project/project.ts';
import { enforce } from '../auth/enforce.ts';
import { asks, asksEach } from '../auth/permission.ts';
import type { Api } from '../context.ts';
import { readFields } from '../request/fields.ts';
import { replies, text } from '../route.ts';

const list = createRoute({
  method: 'get',
  path: '/api/v1/projects',
  ...asksEach('projects', 'get'),
  tags: ['projects'],
  summary: 'List projects by name',
  request: { query: z.object({ name: text, fields: text }) },
  responses: replies('The projects that the caller may see', ProjectList),
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/projects/{name}',
  ...asks('projects', 'get'),
  tags: ['projects'],
  summary: 'One project',
  request: { params: z.object({ name: z.string() }) },
  responses: replies('The project', AppProject),
});

/** Projects, to read. */
export function projectRoutes(api: Api): void {
  api.openapi(list, async (c) => {
    const { name, fields } = c.req.valid('query');
    const wanted = readFields(fields, 'items');
    const rows = (await listProjects(c.var.deps.db)).filter(
      (row) => (!name || row.name === name) && enforce(c, 'projects', 'get', row.name),
    );
    const { controlPlaneNamespace } = c.var.deps.config;
    return c.json({
      metadata: {},
      items: rows.map((row) => wanted.pick(projectJson(row, controlPlaneNamespace))),
    });
  });

  api.openapi(get, async (c) => {
    const { name } = c.req.valid('param');
    if (!enforce(c, 'projects', 'get', name)) {
      throw new KeelsonError('forbidden', 'permission denied');
    }
    const row = await findProject(c.var.deps.db, name);
    if (row === undefined) {
      throw new KeelsonError(
        'not-found',
        `project "${name}" was not found; list the projects to see their names`,
      );
    }
    return c.json(projectJson(row, c.var.deps.config.controlPlaneNamespace));
  });
}

function projectJson(row: ProjectRow, namespace: string): AppProject {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: {
      name: row.name,
      namespace,
      uid: row.id,
      resourceVersion: String(row.resourceVersion),
      creationTimestamp: formatTime(row.createdAt),
      ...(Object.keys(row.labels).length === 0 ? {} : { labels: row.labels }),
      ...(Object.keys(row.annotations).length === 0 ? {} : { annotations: row.annotations }),
      ...(row.finalizers.length === 0 ? {} : { finalizers: row.finalizers }),
    },
    spec: row.spec,
    status: row.status,
  };
}
