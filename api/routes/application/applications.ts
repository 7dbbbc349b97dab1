import { createRoute, z } from '@hono/zod-openapi';
import { Application } from '../../../core/application/spec/spec.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { ApplicationList } from '../../../core/wire/application.ts';
import { applicationFilter } from '../../application/application-filter.ts';
import { answerList } from '../../application/application-list.ts';
import { lookUpApplication } from '../../application/application-lookup.ts';
import { showApplication } from '../../application/application-show.ts';
import { refreshApplication } from '../../application/refresh.ts';
import { asks, asksEach } from '../../auth/permission.ts';
import type { Api } from '../../context.ts';
import { readFields } from '../../request/fields.ts';
import { flag, repeated, replies, text } from '../../route.ts';

/** Query parameters that ask for a list as pages, or for the numbers of what is in it. */
const pages = {
  limit: z
    .string()
    .regex(/^\d{0,9}$/, 'is no number of applications; write a whole one, such as 100')
    .optional(),
  continue: text,
  counts: flag,
};

const list = createRoute({
  method: 'get',
  path: '/api/v1/applications',
  ...asksEach('applications', 'get'),
  tags: ['applications'],
  summary:
    'List applications by name, as pages where `limit` says how many; with `counts` by what their status says',
  request: { query: z.object({ ...applicationFilter, ...pages }) },
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
  api.openapi(list, (c) => answerList(c, c.req.valid('query')));

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
