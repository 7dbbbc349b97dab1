import { createRoute, z } from '@hono/zod-openapi';
import { KeelsonError } from '../../core/errors.ts';
import { sameJson } from '../../core/object/canonical.ts';
import { coveredBy } from '../../core/repository/address.ts';
import type { TemplateRecord } from '../../core/repository/record.ts';
import { hasIdentity } from '../../core/repository/template.ts';
import { recordAudit } from '../../db/queries/audit.ts';
import {
  deleteTemplate,
  findTemplate,
  listTemplates,
  openTemplate,
  saveTemplate,
  type TemplateRow,
} from '../../db/queries/repository-template.ts';
import { changeAccess } from '../access-change.ts';
import { enforce, requirePermission, subjectOf } from '../auth/enforce.ts';
import type { Api, ApiContext } from '../context.ts';
import { decodeTwice } from '../path-id.ts';
import { shownCredentials, TemplateBody, templateOf } from '../repository-body.ts';
import { flag, replies, text, validatedBody } from '../route.ts';

const path = '/api/v1/repocreds';
const urlParam = z.object({ url: z.string() });

const list = createRoute({
  method: 'get',
  path,
  tags: ['repositories'],
  summary: 'List credential templates',
  request: { query: z.object({ url: text }) },
  responses: replies('The templates that the caller may see, without credentials'),
});

const create = createRoute({
  method: 'post',
  path,
  tags: ['repositories'],
  summary: 'Add credentials for every repository whose address begins with `url`',
  request: { query: z.object({ upsert: flag }), body: validatedBody(TemplateBody) },
  responses: replies('The template, without credentials'),
});

const update = createRoute({
  method: 'put',
  path: `${path}/{url}`,
  tags: ['repositories'],
  summary: 'Replace the credentials of a template',
  request: { params: urlParam, body: validatedBody(TemplateBody.partial({ url: true })) },
  responses: replies('The template, without credentials'),
});

const remove = createRoute({
  method: 'delete',
  path: `${path}/{url}`,
  tags: ['repositories'],
  summary: 'Forget a template and its credentials',
  request: { params: urlParam },
  responses: replies('Nothing'),
});

/** Credential templates: who reads repositories that say nothing of their own. */
export function repositoryTemplateRoutes(api: Api): void {
  api.openapi(list, async (c) => {
    const { url } = c.req.valid('query');
    const rows = (await listTemplates(c.var.deps.db)).filter(
      (row) => (!url || row.url === url) && enforce(c.var.subject, 'repositories', 'get', row.url),
    );
    return c.json({ metadata: {}, items: rows.map((row) => templateJson(c, row)) });
  });

  api.openapi(create, async (c) => {
    const { upsert = false } = c.req.valid('query');
    return c.json(templateJson(c, await registerTemplate(c, templateOf(c.req.valid('json')), upsert)));
  });

  api.openapi(update, async (c) => {
    const url = decodeTwice(c.req.valid('param').url);
    const template = templateOf({ ...c.req.valid('json'), url });
    requirePermission(c, 'repositories', 'update', url);
    return c.json(templateJson(c, await registerTemplate(c, template, true)));
  });

  api.openapi(remove, async (c) => {
    const url = decodeTwice(c.req.valid('param').url);
    requirePermission(c, 'repositories', 'delete', url);
    await changeAccess(c, covers(url), async (tx) => {
      if (!(await deleteTemplate(tx, url))) {
        throw new KeelsonError(
          'not-found',
          `credential template ${url} was not found; list the templates to see their URLs`,
        );
      }
      await recordAudit(tx, { actor: subjectOf(c).username, action: 'template.delete', object: url });
    });
    return c.json({});
  });
}

/** Saves a template; the same one again changes nothing. */
export async function registerTemplate(
  c: ApiContext,
  template: TemplateRecord,
  upsert: boolean,
): Promise<TemplateRow> {
  const { db, keyring } = c.var.deps;
  requirePermission(c, 'repositories', 'create', template.url);
  if (coveredBy(template.url, template.url) === undefined) {
    throw new KeelsonError(
      'invalid-argument',
      `credential template ${template.url} is no address; write one with a host, such as https://host/team`,
    );
  }
  const before = await findTemplate(db, template.url);
  if (before !== undefined) {
    const { url: _, ...known } = openTemplate(keyring, before);
    if (sameJson(known, { ...template, url: undefined })) return before;
    if (!upsert) {
      throw new KeelsonError(
        'invalid-argument',
        'existing repository credentials spec is different; use upsert flag to force update',
      );
    }
    requirePermission(c, 'repositories', 'update', template.url);
  }
  return changeAccess(c, covers(template.url), async (tx) => {
    const saved = await saveTemplate(tx, keyring, { ...template, url: before?.url ?? template.url });
    await recordAudit(tx, {
      actor: subjectOf(c).username,
      action: before === undefined ? 'template.create' : 'template.update',
      object: template.url,
    });
    return saved;
  });
}

function covers(prefix: string): (url: string) => boolean {
  return (url) => coveredBy(prefix, url) !== undefined;
}

function templateJson(c: ApiContext, row: TemplateRow) {
  const { url, type, credentials } = openTemplate(c.var.deps.keyring, row);
  return { url, type, ...shownCredentials(credentials), hasCredentials: hasIdentity(credentials) };
}
