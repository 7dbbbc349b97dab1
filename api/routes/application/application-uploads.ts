import { createRoute, z } from '@hono/zod-openapi';
import { Manifests } from '../../../core/wire/application.ts';
import { ResourceDiffList } from '../../../core/wire/diff.ts';
import type { ApplicationRow } from '../../../db/queries/application/application.ts';
import { lookUpApplication } from '../../application/application-lookup.ts';
import { readManagedResources } from '../../application/managed-resources.ts';
import type { Rendered } from '../../application/render-at.ts';
import { readUpload, renderFiles } from '../../application/uploaded-files.ts';
import { asks } from '../../auth/permission.ts';
import type { Api, ApiContext } from '../../context.ts';
import { checkBody } from '../../request/plain-request.ts';
import { documentedBody, replies } from '../../route.ts';
import { manifestsJson } from './application-sources.ts';

const body = documentedBody({
  type: 'object',
  description:
    'One JSON object a line: first `{"query": {"name", "checksum"}}`, then `{"chunk": {"chunk"}}` with pieces of a gzipped tar archive in base64. The application’s path is looked for below its root',
});

const manifests = createRoute({
  method: 'post',
  path: '/api/v1/applications/manifestsWithFiles',
  ...asks('applications', 'get'),
  tags: ['applications'],
  summary: 'What an application renders to with uploaded files; values of Secrets are masked',
  request: { body },
  responses: replies('What the sources render to', Manifests),
});

const managed = createRoute({
  method: 'post',
  path: '/api/v1/applications/{name}/managed-resources',
  ...asks('applications', 'get'),
  tags: ['resources'],
  summary: 'Live state of the objects beside what uploaded files ask for; values of Secrets are masked',
  request: { params: z.object({ name: z.string() }), body },
  responses: replies('The objects', ResourceDiffList),
});

/** Applications with files that somebody has and no repository does. */
export function applicationUploadRoutes(api: Api): void {
  api.openapi(manifests, async (c) => {
    const { row, render } = await renderUpload(c);
    return c.json(await manifestsJson(c, row, render));
  });

  api.openapi(managed, async (c) => {
    const { row, render } = await renderUpload(c);
    return c.json({ items: await readManagedResources(c.var.deps, row, {}, render) });
  });
}

async function renderUpload(
  c: ApiContext,
): Promise<{ readonly row: ApplicationRow; readonly render: Rendered }> {
  const { archive, ...application } = readUpload(await c.req.text());
  checkBody(application);
  const row = await lookUpApplication(c, application);
  return { row, render: await renderFiles(c, row, archive) };
}
