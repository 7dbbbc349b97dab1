import { createRoute, z } from '@hono/zod-openapi';
import {
  forgetRepository,
  registerRepository,
  requireConnection,
  testConnection,
} from '../../../control/access/repositories.ts';
import { mapBounded } from '../../../core/bounded.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { scopedObject } from '../../../core/rbac/request.ts';
import { repositoryKey } from '../../../core/repository/address.ts';
import { Repository, RepositoryList } from '../../../core/wire/repository.ts';
import { Empty } from '../../../core/wire/shape.ts';
import {
  findRepository,
  listRepositories,
  openRepositoryCredentials,
  type RepositoryRow,
  recordConnection,
} from '../../../db/queries/repository/repository.ts';
import { actorOf, enforce, requirePermission } from '../../auth/enforce.ts';
import { asks, asksEach } from '../../auth/permission.ts';
import type { Api, ApiContext } from '../../context.ts';
import { RepositoryBody, RepositoryFields, recordOf } from '../../repository/repository-body.ts';
import { repositoriesJson, repositoryJson } from '../../repository/repository-json.ts';
import { decodeTwice } from '../../request/path-id.ts';
import { flag, replies, text, validatedBody } from '../../route.ts';

/** Connections tested at once for one reply. */
const testsAtOnce = 10;

const urlParam = z.object({ repo: z.string() });
const shown = 'The repository, without credentials';

const list = createRoute({
  method: 'get',
  path: '/api/v1/repositories',
  ...asksEach('repositories', 'get'),
  tags: ['repositories'],
  summary: 'List repositories; `forceRefresh` tests their connections first',
  request: { query: z.object({ repo: text, appProject: text, forceRefresh: flag }) },
  responses: replies('The repositories that the caller may see, without credentials', RepositoryList),
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/repositories/{repo}',
  ...asks('repositories', 'get'),
  tags: ['repositories'],
  summary: 'One repository by its encoded URL',
  request: { params: urlParam, query: z.object({ appProject: text, forceRefresh: flag }) },
  responses: replies(shown, Repository),
});

const create = createRoute({
  method: 'post',
  path: '/api/v1/repositories',
  ...asks('repositories', 'create'),
  tags: ['repositories'],
  summary: 'Add a repository after a connection test; `upsert` changes the one that is there',
  request: { query: z.object({ upsert: flag, credsOnly: flag }), body: validatedBody(RepositoryBody) },
  responses: replies(shown, Repository),
});

const update = createRoute({
  method: 'put',
  path: '/api/v1/repositories/{repo}',
  ...asks('repositories', 'update'),
  tags: ['repositories'],
  summary: 'Replace what is registered of a repository, credentials included, after a connection test',
  request: { params: urlParam, body: validatedBody(RepositoryFields) },
  responses: replies(shown, Repository),
});

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/repositories/{repo}',
  ...asks('repositories', 'delete'),
  tags: ['repositories'],
  summary: 'Forget a repository and its credentials',
  request: { params: urlParam, query: z.object({ appProject: text }) },
  responses: replies('Nothing', Empty),
});

const validate = createRoute({
  method: 'post',
  path: '/api/v1/repositories/{repo}/validate',
  ...asks('repositories', 'create'),
  tags: ['repositories'],
  summary: 'Test the connection to a repository that needn’t be registered; says in words what is wrong',
  request: {
    params: urlParam,
    query: z.looseObject({ project: text }),
    body: validatedBody(z.union([z.string(), RepositoryFields])),
  },
  responses: replies('Nothing', Empty),
});

/** Repositories and their credentials, which go in and never come out. */
export function repositoryRoutes(api: Api): void {
  api.openapi(list, async (c) => {
    const { repo, appProject, forceRefresh } = c.req.valid('query');
    const key = repo ? repositoryKey(repo) : undefined;
    const visible = async (): Promise<RepositoryRow[]> =>
      (await listRepositories(c.var.deps.db)).filter(
        (row) =>
          (key === undefined || repositoryKey(row.url) === key) &&
          (!appProject || row.project === appProject) &&
          enforce(c, 'repositories', 'get', scopedObject(row.url, row.project)),
      );
    if (forceRefresh) await mapBounded(await visible(), testsAtOnce, (row) => testAgain(c, row));
    return c.json({ metadata: {}, items: await repositoriesJson(c, await visible()) });
  });

  api.openapi(get, async (c) => {
    const { appProject = '', forceRefresh } = c.req.valid('query');
    const { repo } = c.req.valid('param');
    const row = await lookUp(c, repo, appProject);
    if (forceRefresh) await testAgain(c, row);
    return c.json(await repositoryJson(c, forceRefresh ? await lookUp(c, repo, appProject) : row));
  });

  api.openapi(create, async (c) => {
    const { upsert = false, credsOnly } = c.req.valid('query');
    if (credsOnly) {
      throw new KeelsonError(
        'invalid-argument',
        'credentials without a repository are a template; send them to /api/v1/repocreds',
      );
    }
    const record = recordOf(c.req.valid('json'));
    return c.json(
      await repositoryJson(
        c,
        await registerRepository(c.var.deps, actorOf(c), record, { upsert, test: true }),
      ),
    );
  });

  api.openapi(update, async (c) => {
    const url = decodeTwice(c.req.valid('param').repo);
    const record = recordOf({ ...c.req.valid('json'), repo: url });
    requirePermission(c, 'repositories', 'update', scopedObject(record.url, record.project));
    return c.json(
      await repositoryJson(
        c,
        await registerRepository(c.var.deps, actorOf(c), record, { upsert: true, test: true, replace: true }),
      ),
    );
  });

  api.openapi(remove, async (c) => {
    const url = decodeTwice(c.req.valid('param').repo);
    const { appProject = '' } = c.req.valid('query');
    await forgetRepository(c.var.deps, actorOf(c), { url, project: appProject });
    return c.json({});
  });

  validateRoute(api);
}

function validateRoute(api: Api): void {
  api.openapi(validate, async (c) => {
    const body = c.req.valid('json');
    const given = typeof body === 'string' ? fromQuery(c.req.query()) : body;
    const project = given.project ?? '';
    const record = recordOf({ ...given, project, repo: decodeTwice(c.req.valid('param').repo) });
    requirePermission(c, 'repositories', 'create', scopedObject(record.url, project));
    await requireConnection(c.var.deps, record);
    return c.json({});
  });
}

/** The fields of a repository as query parameters; the form in which other clients validate. */
function fromQuery(query: Readonly<Record<string, string>>): RepositoryFields {
  const fields = Object.entries(query).map(([name, value]) => {
    const flagged = value === 'true' || value === 'false';
    return [name === 'enableOci' ? 'enableOCI' : name, flagged ? value === 'true' : value];
  });
  const read = RepositoryFields.safeParse(Object.fromEntries(fields));
  if (read.success) return read.data;
  const names = read.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new KeelsonError('invalid-argument', `query parameters can't be read: ${names}; correct them`);
}

async function lookUp(c: ApiContext, repo: string, appProject: string): Promise<RepositoryRow> {
  const url = decodeTwice(repo);
  const row = await findRepository(c.var.deps.db, url, appProject);
  const mayRead = enforce(c, 'repositories', 'get', scopedObject(row?.url ?? url, appProject));
  if (row === undefined || !mayRead) throw new KeelsonError('forbidden', 'permission denied');
  return row;
}

async function testAgain(c: ApiContext, row: RepositoryRow): Promise<void> {
  const { db, keyring } = c.var.deps;
  const credentials = openRepositoryCredentials(keyring, row) ?? {};
  await recordConnection(db, row.id, await testConnection(c.var.deps, { ...row, credentials }));
}
