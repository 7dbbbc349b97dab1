import { createRoute, z } from '@hono/zod-openapi';
import { previewCreation, previewUpdate } from '../../../control/project/preview-project.ts';
import { createProject, deleteProject, updateProject } from '../../../control/project/write-project.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { projectManifest } from '../../../core/project/manifest.ts';
import { AppProject } from '../../../core/project/project.ts';
import { WrittenProject } from '../../../core/wire/project.ts';
import { Empty } from '../../../core/wire/shape.ts';
import { actorOf } from '../../auth/enforce.ts';
import { asks } from '../../auth/permission.ts';
import type { Api } from '../../context.ts';
import { previewJson } from '../../project/preview-json.ts';
import { parseProject } from '../../project/read-project.ts';
import { documentedBody, flag, readJson, reference, replies } from '../../route.ts';

const nameParam = z.object({ name: z.string() });
const writeQuery = z.object({ dryRun: flag });
const written = 'The project, or with `dryRun` what saving it would come to';

const create = createRoute({
  method: 'post',
  path: '/api/v1/projects',
  ...asks('projects', 'create'),
  tags: ['projects'],
  summary:
    'Create a project; `upsert` changes the one that is there, `dryRun` writes nothing and lists what would fall out',
  request: {
    query: writeQuery,
    body: documentedBody({
      type: 'object',
      properties: { project: reference(AppProject), upsert: { type: 'boolean' } },
      required: ['project'],
    }),
  },
  responses: replies(written, WrittenProject),
});

const update = createRoute({
  method: 'put',
  path: '/api/v1/projects/{name}',
  ...asks('projects', 'update'),
  tags: ['projects'],
  summary:
    'Replace a project, of the `resourceVersion` where one is given; `dryRun` writes nothing and lists what would fall out',
  request: {
    params: nameParam,
    query: writeQuery,
    body: documentedBody({
      type: 'object',
      properties: { project: reference(AppProject) },
      required: ['project'],
    }),
  },
  responses: replies(written, WrittenProject),
});

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/projects/{name}',
  ...asks('projects', 'delete'),
  tags: ['projects'],
  summary: 'Delete a project that no application is in',
  request: { params: nameParam },
  responses: replies('Nothing', Empty),
});

/** Create, replace, delete. */
export function projectChangeRoutes(api: Api): void {
  api.openapi(create, async (c) => {
    const { deps } = c.var;
    const { project, upsert } = parseProject(await readJson(c));
    const actor = actorOf(c);
    if (c.req.valid('query').dryRun === true) {
      return c.json(previewJson(await previewCreation(deps, actor, project, { upsert })));
    }
    const row = await createProject(deps, actor, project, { upsert });
    return c.json(projectManifest(row, deps.config.controlPlaneNamespace));
  });

  api.openapi(update, async (c) => {
    const { deps } = c.var;
    const { name } = c.req.valid('param');
    const { project } = parseProject(await readJson(c));
    if (project.metadata.name !== name) {
      throw new KeelsonError(
        'invalid-argument',
        `metadata.name is "${project.metadata.name}" but the path names "${name}"; make them the same`,
      );
    }
    const actor = actorOf(c);
    if (c.req.valid('query').dryRun === true) {
      return c.json(previewJson(await previewUpdate(deps, actor, project)));
    }
    const row = await updateProject(deps, actor, project);
    return c.json(projectManifest(row, deps.config.controlPlaneNamespace));
  });

  api.openapi(remove, async (c) => {
    await deleteProject(c.var.deps, actorOf(c), c.req.valid('param').name);
    return c.json({});
  });
}
