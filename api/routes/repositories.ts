import { createRoute, z } from '@hono/zod-openapi';
import { KeelsonError } from '../../core/errors.ts';
import type { RepositoryCredentials } from '../../core/repository/access.ts';
import { recordAudit } from '../../db/queries/audit.ts';
import {
  deleteRepository,
  findRepository,
  listRepositories,
  openRepositoryCredentials,
  type RepositoryRow,
  saveRepository,
} from '../../db/queries/repository.ts';
import { enforce, requirePermission, subjectOf } from '../auth/enforce.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendHint } from '../hint.ts';
import { decodeTwice } from '../path-id.ts';
import { repositoryUrlFault } from '../repository-url.ts';
import { flag, replies, text, validatedBody } from '../route.ts';
import { formatTime } from '../time.ts';

const credentialFields = {
  username: text,
  password: text,
  sshPrivateKey: text,
  tlsClientCertData: text,
  tlsClientCertKey: text,
  bearerToken: text,
  insecure: z.boolean().optional(),
  enableLfs: z.boolean().optional(),
  enableOCI: z.boolean().optional(),
  proxy: text,
  noProxy: text,
  forceHttpBasicAuth: z.boolean().optional(),
};

const RepositoryBody = z.object({
  repo: z.string(),
  type: z.enum(['', 'git', 'helm', 'oci']).optional(),
  name: text,
  project: text,
  ...credentialFields,
});

const urlParam = z.object({ repo: z.string() });

const list = createRoute({
  method: 'get',
  path: '/api/v1/repositories',
  tags: ['repositories'],
  summary: 'List repositories',
  request: { query: z.object({ repo: text, appProject: text }) },
  responses: replies('The repositories that the caller may see, without credentials'),
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/repositories/{repo}',
  tags: ['repositories'],
  summary: 'One repository by its encoded URL',
  request: { params: urlParam, query: z.object({ appProject: text }) },
  responses: replies('The repository, without credentials'),
});

const create = createRoute({
  method: 'post',
  path: '/api/v1/repositories',
  tags: ['repositories'],
  summary: 'Add a repository; `upsert` changes the one that is there',
  request: { query: z.object({ upsert: flag, credsOnly: flag }), body: validatedBody(RepositoryBody) },
  responses: replies('The repository, without credentials'),
});

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/repositories/{repo}',
  tags: ['repositories'],
  summary: 'Forget a repository and its credentials',
  request: { params: urlParam, query: z.object({ appProject: text }) },
  responses: replies('Nothing'),
});

/** Repositories and their credentials, which go in and never come out. */
export function repositoryRoutes(api: Api): void {
  api.openapi(list, async (c) => {
    const { repo, appProject } = c.req.valid('query');
    const rows = (await listRepositories(c.var.deps.db)).filter(
      (row) =>
        (!repo || row.url === repo) &&
        (!appProject || row.project === appProject) &&
        enforce(c.var.subject, 'repositories', 'get', permissionName(row.url, row.project)),
    );
    return c.json({ metadata: {}, items: rows.map((row) => repositoryJson(c, row)) });
  });

  api.openapi(get, async (c) => {
    const url = decodeTwice(c.req.valid('param').repo);
    const { appProject = '' } = c.req.valid('query');
    const row = await findRepository(c.var.deps.db, url, appProject);
    const mayRead = enforce(c.var.subject, 'repositories', 'get', permissionName(url, appProject));
    if (row === undefined || !mayRead) throw new KeelsonError('forbidden', 'permission denied');
    return c.json(repositoryJson(c, row));
  });

  api.openapi(create, async (c) => {
    const { upsert = false } = c.req.valid('query');
    return c.json(repositoryJson(c, await save(c, c.req.valid('json'), upsert)));
  });

  api.openapi(remove, async (c) => {
    const url = decodeTwice(c.req.valid('param').repo);
    const { appProject = '' } = c.req.valid('query');
    const object = permissionName(url, appProject);
    requirePermission(c, 'repositories', 'delete', object);
    await c.var.deps.db.transaction(async (tx) => {
      if (!(await deleteRepository(tx, url, appProject))) {
        throw new KeelsonError(
          'not-found',
          `repository ${url} was not found; list the repositories to see their URLs`,
        );
      }
      await recordAudit(tx, { actor: subjectOf(c).username, action: 'repository.delete', object });
    });
    return c.json({});
  });
}

async function save(
  c: ApiContext,
  body: z.output<typeof RepositoryBody>,
  upsert: boolean,
): Promise<RepositoryRow> {
  const { repo: url, type, name = '', project = '', ...given } = body;
  const object = permissionName(url, project);
  requirePermission(c, 'repositories', 'create', object);
  const fault = repositoryUrlFault(url);
  if (fault !== undefined) throw new KeelsonError('invalid-argument', `repository URL ${fault}`);
  const { db, keyring, engine } = c.var.deps;
  const row = await db.transaction(async (tx) => {
    const existing = await findRepository(tx, url, project);
    // One that is only known because an application names it may get its credentials at any time.
    if (existing?.credentials && !upsert) {
      throw new KeelsonError(
        'invalid-argument',
        'existing repository spec is different; use upsert flag to force update',
      );
    }
    if (existing !== undefined) requirePermission(c, 'repositories', 'update', object);
    const credentials = withoutBlanks(given);
    const saved = await saveRepository(tx, keyring, {
      url,
      type: type || 'git',
      name,
      project,
      ...(Object.keys(credentials).length === 0 ? {} : { credentials }),
    });
    await recordAudit(tx, {
      actor: subjectOf(c).username,
      action: existing === undefined ? 'repository.create' : 'repository.update',
      object,
    });
    return saved;
  });
  sendHint(c, engine.refreshRepositories());
  return row;
}

/** Clients send empty fields for what they leave out. */
function withoutBlanks(given: Readonly<Record<string, string | boolean | undefined>>): RepositoryCredentials {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== ''));
}

function permissionName(url: string, project: string): string {
  return project === '' ? url : `${project}/${url}`;
}

function repositoryJson(c: ApiContext, row: RepositoryRow) {
  const credentials = openRepositoryCredentials(c.var.deps.keyring, row);
  return {
    repo: row.url,
    type: row.type,
    ...(row.name === '' ? {} : { name: row.name }),
    ...(row.project === '' ? {} : { project: row.project }),
    ...(credentials?.username === undefined ? {} : { username: credentials.username }),
    ...(credentials?.insecure ? { insecure: true } : {}),
    ...(credentials?.enableLfs ? { enableLfs: true } : {}),
    ...(credentials?.enableOCI ? { enableOCI: true } : {}),
    connectionState: {
      status: row.connectionStatus,
      message: row.connectionMessage,
      ...(row.connectionAt === null ? {} : { attemptedAt: formatTime(row.connectionAt) }),
    },
  };
}
