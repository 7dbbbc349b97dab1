import { createRoute, z } from '@hono/zod-openapi';
import { applicationManifest } from '../../../core/application/manifest.ts';
import { Application } from '../../../core/application/spec/spec.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { ApplicationList } from '../../../core/wire/application.ts';
import { completeApplications } from '../../../db/queries/application/application-record.ts';
import { applicationFilter, listMatching } from '../../application/application-filter.ts';
import { lookUpApplication } from '../../application/application-lookup.ts';
import { partsFor } from '../../application/application-parts.ts';
import { showApplication } from '../../application/application-show.ts';
import { refreshApplication } from '../../application/refresh.ts';
import { asks, asksEach } from '../../auth/permission.ts';
import type { Api } from '../../context.ts';
import { readFields } from '../../request/fields.ts';
import { repeated, replies, text } from '../../route.ts';

const list = createRoute({
  method: 'get',
  path: '/api/v1/applications',
  ...asksEach('applications', 'get'),
  tags: ['applications'],
  summary: 'List applications by name',
  request: { query: z.object(applicationFilter) },
  responses: replies('The applications that the caller may see', ApplicationList),
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/applications/{name}',
  ...asks('applications', 'get'),
  tags: ['applications'],
  summary: 'One application; with `refresh` compared anew before the reply',
  request: {
    params: z.object({ name: z.string() }),
    query: z.object({
      refresh: z.enum(['', 'normal', 'hard']).optional(),
      project: repeated,
      projects: repeated,
      appNamespace: text,
      fields: text,
    }),
  },
  responses: replies('The application', Application),
});

/** List and get. */
export function applicationRoutes(api: Api): void {
  api.openapi(list, async (c) => {
    const query = c.req.valid('query');
    const { db, config } = c.var.deps;
    const fields = readFields(query.fields, 'items');
    const parts = partsFor(fields);
    const shown = await listMatching(c, query, parts.columns);
    const records = await completeApplications(db, shown, parts);
    const newest = shown.reduce((version, row) => Math.max(version, row.resourceVersion), 0);
    return c.json({
      metadata: { resourceVersion: String(newest) },
      items: records.map((record) => fields.pick(applicationManifest(record, config.controlPlaneNamespace))),
    });
  });

  api.openapi(get, async (c) => {
    const { refresh, appNamespace, fields, ...query } = c.req.valid('query');
    const [project, ...others] = [...query.project, ...query.projects];
    if (others.length > 0) {
      throw new KeelsonError('invalid-argument', 'more than one project is given; name one or none');
    }
    const { name } = c.req.valid('param');
    const row = await lookUpApplication(c, { name, project, appNamespace });
    if (refresh) await refreshApplication(c, row, refresh === 'hard');
    const wanted = readFields(fields);
    return c.json(wanted.pick(await showApplication(c, row.id, wanted)) ?? {});
  });
}
