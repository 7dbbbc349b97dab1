import { createRoute, z } from '@hono/zod-openapi';
import { shownProject } from '../../../core/project/manifest.ts';
import { AppProject } from '../../../core/project/project.ts';
import { ProjectList } from '../../../core/wire/project.ts';
import { listProjects } from '../../../db/queries/project/project.ts';
import { enforce } from '../../auth/enforce.ts';
import { asks, asksEach } from '../../auth/permission.ts';
import type { Api } from '../../context.ts';
import { lookUpProject } from '../../project/look-up-project.ts';
import { readFields } from '../../request/fields.ts';
import { replies, text } from '../../route.ts';

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
      items: rows.map((row) => wanted.pick(shownProject(row, controlPlaneNamespace))),
    });
  });

  api.openapi(get, async (c) => {
    const row = await lookUpProject(c, c.req.valid('param').name);
    return c.json(shownProject(row, c.var.deps.config.controlPlaneNamespace));
  });
}
