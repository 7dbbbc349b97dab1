import { createRoute, z } from '@hono/zod-openapi';
import { forgetTemplate, registerTemplate } from '../../../control/access/templates.ts';
import { hasIdentity } from '../../../core/repository/template.ts';
import { RepositoryTemplate, RepositoryTemplateList } from '../../../core/wire/repository.ts';
import { Empty } from '../../../core/wire/shape.ts';
import {
  listTemplates,
  openTemplate,
  type TemplateRow,
} from '../../../db/queries/repository/repository-template.ts';
import { actorOf, enforce, requirePermission } from '../../auth/enforce.ts';
import { asks, asksEach } from '../../auth/permission.ts';
import type { Api, ApiContext } from '../../context.ts';
import { shownCredentials, TemplateBody, templateOf } from '../../repository/repository-body.ts';
import { decodeTwice } from '../../request/path-id.ts';
import { flag, replies, text, validatedBody } from '../../route.ts';

const path = '/api/v1/repocreds';
const urlParam = z.object({ url: z.string() });

const list = createRoute({
  method: 'get',
  path,
  ...asksEach('repositories', 'get'),
  tags: ['repositories'],
  summary: 'List credential templates',
  request: { query: z.object({ url: text }) },
  responses: replies('The templates that the caller may see, without credentials', RepositoryTemplateList),
});

const create = createRoute({
  method: 'post',
  path,
  ...asks('repositories', 'create'),
  tags: ['repositories'],
  summary: 'Add credentials for every repository whose address begins with `url`',
  request: { query: z.object({ upsert: flag }), body: validatedBody(TemplateBody) },
  responses: replies('The template, without credentials', RepositoryTemplate),
});

const update = createRoute({
  method: 'put',
  path: `${path}/{url}`,
  ...asks('repositories', 'update'),
  tags: ['repositories'],
  summary: 'Replace the credentials of a template',
  request: { params: urlParam, body: validatedBody(TemplateBody.partial({ url: true })) },
  responses: replies('The template, without credentials', RepositoryTemplate),
});

const remove = createRoute({
  method: 'delete',
  path: `${path}/{url}`,
  ...asks('repositories', 'delete'),
  tags: ['repositories'],
  summary: 'Forget a template and its credentials',
  request: { params: urlParam },
  responses: replies('Nothing', Empty),
});

/** Credential templates: who reads repositories that say nothing of their own. */
export function repositoryTemplateRoutes(api: Api): void {
  api.openapi(list, async (c) => {
    const { url } = c.req.valid('query');
    const rows = (await listTemplates(c.var.deps.db)).filter(
      (row) => (!url || row.url === url) && enforce(c, 'repositories', 'get', row.url),
    );
    return c.json({ metadata: {}, items: rows.map((row) => templateJson(c, row)) });
  });

  api.openapi(create, async (c) => {
    const { upsert = false } = c.req.valid('query');
    return c.json(
      templateJson(
        c,
        await registerTemplate(c.var.deps, actorOf(c), templateOf(c.req.valid('json')), { upsert }),
      ),
    );
  });

  api.openapi(update, async (c) => {
    const url = decodeTwice(c.req.valid('param').url);
    const template = templateOf({ ...c.req.valid('json'), url });
    requirePermission(c, 'repositories', 'update', url);
    return c.json(
      templateJson(
        c,
        await registerTemplate(c.var.deps, actorOf(c), template, { upsert: true, replace: true }),
      ),
    );
  });

  api.openapi(remove, async (c) => {
    const url = decodeTwice(c.req.valid('param').url);
    await forgetTemplate(c.var.deps, actorOf(c), url);
    return c.json({});
  });
}

function templateJson(c: ApiContext, row: TemplateRow): RepositoryTemplate {
  const { url, type, credentials } = openTemplate(c.var.deps.keyring, row);
  return { url, type, ...shownCredentials(credentials), hasCredentials: hasIdentity(credentials) };
}
