import { OpenAPIHono } from '@hono/zod-openapi';
import { issuesOfZod } from '../core/application/shape-issue.ts';
import { KeelsonError } from '../core/errors.ts';
import { formatIssues } from '../core/issue.ts';
import { createApplicationFeed } from './application-feed.ts';
import { authenticate } from './auth/authenticate.ts';
import { createAuthenticator } from './auth/authenticator.ts';
import { recordDenials } from './auth/denials.ts';
import { createLastingReplies } from './auth/lasting-replies.ts';
import { holdToPermissions } from './auth/permission.ts';
import { bodyGate } from './bodies/body-gate.ts';
import { requireJson } from './content-type.ts';
import type { Api, ApiDeps, ApiEnv } from './context.ts';
import { exactJson } from './exact-json.ts';
import { plainRequest } from './plain-request.ts';
import { grpc, isFault, problem, problemOf, Refusal } from './problem.ts';
import { componentSchemas } from './route.ts';
import { accountRoutes } from './routes/account.ts';
import { applicationChangeRoutes } from './routes/application-changes.ts';
import { applicationDeleteRoutes } from './routes/application-delete.ts';
import { applicationSourceRoutes } from './routes/application-sources.ts';
import { applicationUploadRoutes } from './routes/application-uploads.ts';
import { applicationRoutes } from './routes/applications.ts';
import { certificateRoutes } from './routes/certificates.ts';
import { clusterRoutes } from './routes/clusters.ts';
import { declaredSourceRoutes } from './routes/declared-sources.ts';
import { deletionApprovalRoutes } from './routes/deletion-approval.ts';
import { gpgKeyRoutes } from './routes/gpg-keys.ts';
import { healthRoutes } from './routes/health.ts';
import { installationSettingsRoutes } from './routes/installation-settings.ts';
import { logRoutes } from './routes/logs.ts';
import { operationRoutes } from './routes/operations.ts';
import { projectRoutes } from './routes/projects.ts';
import { repositoryRoutes } from './routes/repositories.ts';
import { repositoryContentRoutes } from './routes/repository-contents.ts';
import { repositoryTemplateRoutes } from './routes/repository-templates.ts';
import { resourceActionRoutes } from './routes/resource-actions.ts';
import { resourceRoutes } from './routes/resources.ts';
import { rollbackRoutes } from './routes/rollback.ts';
import { sessionRoutes } from './routes/session.ts';
import { settingsRoutes } from './routes/settings.ts';
import { streamRoutes } from './routes/streams.ts';
import { syncRoutes } from './routes/sync.ts';
import { versionRoutes } from './routes/version.ts';
import { webhookRoutes } from './routes/webhook.ts';
import { securityHeaders } from './security-headers.ts';
import { uiRoutes } from './ui.ts';

/** The whole HTTP side of Keelson: API, streams, webhook, health and, where it is built, the user interface. */
export function createApi(deps: ApiDeps): Api {
  const api = newApi();
  const { db, keyring, now, config, log } = deps;
  const auth = createAuthenticator({
    db,
    keyring,
    now,
    log,
    times: () => deps.settings.current().logins,
    loginPaddingMilliseconds: config.loginPaddingMilliseconds ?? 500,
  });
  const lasting = createLastingReplies({ verify: auth.verify, log });
  deps.feed.subscribe({
    changes: (changes) => {
      if (!changes.some(({ topic }) => topic === 'login')) return;
      auth.forget();
      lasting.look();
    },
    end: () => {},
  });
  const applications = createApplicationFeed({
    db,
    feed: deps.feed,
    log,
    controlPlaneNamespace: config.controlPlaneNamespace,
  });

  api.use(exactJson);
  api.use(securityHeaders(config.url));
  api.use(async (c, next) => {
    c.set('deps', deps);
    c.set('auth', auth);
    c.set('applications', applications);
    c.set('lasting', lasting);
    await next();
  });
  // Headers first: who may not ask has nothing read.
  api.use('/api/v1/*', requireJson);
  api.use('/api/*', recordDenials);
  api.use('/api/*', authenticate);
  api.use('/api/*', bodyGate());
  api.use('/api/v1/*', plainRequest);
  api.use(holdToPermissions(api));
  registerRoutes(api);
  if (config.uiDir !== undefined) uiRoutes(api, config.uiDir);
  return api;
}

/** The OpenAPI document of all routes. */
export function openapiDocument(version = '0'): object {
  const api = newApi();
  registerRoutes(api);
  return documentOf(api, version);
}

function newApi(): Api {
  const api: Api = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) return undefined;
      throw new KeelsonError(
        'invalid-argument',
        `request is not valid: ${formatIssues(issuesOfZod(result.error, Reflect.get(result, 'data')))}`,
      );
    },
  });
  api.onError((error, c) => {
    const { http, body } = problemOf(error);
    if (isFault(error))
      c.var.deps.log.error({ error, method: c.req.method, path: c.req.path }, 'request failed');
    if (error instanceof Refusal && error.retrySeconds !== undefined)
      c.header('Retry-After', String(error.retrySeconds));
    return c.json(body, http);
  });
  api.notFound((c) => {
    const { http, body } = problem(
      404,
      grpc.notFound,
      `${c.req.method} ${c.req.path} is not a path of this server`,
    );
    return c.json(body, http);
  });
  return api;
}

const routes = [
  versionRoutes,
  settingsRoutes,
  installationSettingsRoutes,
  sessionRoutes,
  accountRoutes,
  applicationRoutes,
  applicationChangeRoutes,
  applicationDeleteRoutes,
  applicationSourceRoutes,
  applicationUploadRoutes,
  deletionApprovalRoutes,
  rollbackRoutes,
  syncRoutes,
  operationRoutes,
  resourceRoutes,
  resourceActionRoutes,
  logRoutes,
  streamRoutes,
  projectRoutes,
  clusterRoutes,
  repositoryRoutes,
  repositoryContentRoutes,
  repositoryTemplateRoutes,
  certificateRoutes,
  gpgKeyRoutes,
  declaredSourceRoutes,
  webhookRoutes,
  healthRoutes,
] as const;

function registerRoutes(api: Api): void {
  for (const [name, schema] of Object.entries(componentSchemas())) {
    api.openAPIRegistry.registerComponent('schemas', name, schema);
  }
  for (const register of routes) register(api);
  api.get('/swagger.json', (c) => c.json(documentOf(api, c.var.deps.config.version)));
}

function documentOf(api: Api, version: string): object {
  return api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Keelson API', version },
  });
}
