import { OpenAPIHono } from '@hono/zod-openapi';
import { issuesOfZod } from '../core/application/spec/shape-issue.ts';
import { KeelsonError } from '../core/errors.ts';
import { formatIssues } from '../core/issue.ts';
import { createApplicationFeed } from './application/stream/application-feed.ts';
import { authenticate } from './auth/authenticate.ts';
import { createAuthenticator } from './auth/authenticator.ts';
import { recordDenials } from './auth/denials.ts';
import { createLastingReplies } from './auth/lasting-replies.ts';
import { holdToPermissions } from './auth/permission.ts';
import { bodyGate } from './bodies/body-gate.ts';
import type { Api, ApiDeps, ApiEnv } from './context.ts';
import { grpc, isFault, problem, problemOf, Refusal } from './reply/problem.ts';
import { uiRoutes } from './reply/ui.ts';
import { requireJson } from './request/content-type.ts';
import { exactJson } from './request/exact-json.ts';
import { ownUrls } from './request/own-urls.ts';
import { plainRequest } from './request/plain-request.ts';
import { securityHeaders } from './request/security-headers.ts';
import { componentSchemas } from './route.ts';
import { accountRoutes } from './routes/account.ts';
import { applicationChangeRoutes } from './routes/application/application-changes.ts';
import { applicationDeleteRoutes } from './routes/application/application-delete.ts';
import { applicationSourceRoutes } from './routes/application/application-sources.ts';
import { applicationUploadRoutes } from './routes/application/application-uploads.ts';
import { applicationRoutes } from './routes/application/applications.ts';
import { deletionApprovalRoutes } from './routes/application/deletion-approval.ts';
import { operationRoutes } from './routes/application/operations.ts';
import { rollbackRoutes } from './routes/application/rollback.ts';
import { streamRoutes } from './routes/application/streams.ts';
import { syncRoutes } from './routes/application/sync.ts';
import { clusterRoutes } from './routes/clusters.ts';
import { healthRoutes } from './routes/installation/health.ts';
import { installationSettingsRoutes } from './routes/installation/installation-settings.ts';
import { settingsRoutes } from './routes/installation/settings.ts';
import { versionRoutes } from './routes/installation/version.ts';
import { webhookRoutes } from './routes/installation/webhook.ts';
import { projectChangeRoutes } from './routes/project/project-changes.ts';
import { projectDetailRoutes } from './routes/project/project-details.ts';
import { projectRoutes } from './routes/project/projects.ts';
import { roleTokenRoutes } from './routes/project/role-tokens.ts';
import { certificateRoutes } from './routes/repository/certificates.ts';
import { declaredSourceRoutes } from './routes/repository/declared-sources.ts';
import { gpgKeyRoutes } from './routes/repository/gpg-keys.ts';
import { repositoryRoutes } from './routes/repository/repositories.ts';
import { repositoryContentRoutes } from './routes/repository/repository-contents.ts';
import { repositoryTemplateRoutes } from './routes/repository/repository-templates.ts';
import { logRoutes } from './routes/resource/logs.ts';
import { resourceActionRoutes } from './routes/resource/resource-actions.ts';
import { resourceRoutes } from './routes/resource/resources.ts';
import { sessionRoutes } from './routes/session.ts';

/** The whole HTTP side of Keelson: API, streams, webhook, health and, where it is built, the user interface. */
export function createApi(deps: ApiDeps): Api {
  const api = newApi();
  const { db, homeSettings, keyring, now, config, log } = deps;
  const auth = createAuthenticator({
    db,
    homeSettings,
    keyring,
    now,
    log,
    times: () => deps.settings.current().logins,
    loginPaddingMilliseconds: config.loginPaddingMilliseconds ?? 500,
  });
  const lasting = createLastingReplies({ verify: auth.verify, log });
  deps.feed.subscribe({
    changes: (changes) => {
      const topics = new Set(changes.map(({ topic }) => topic));
      if (topics.has('login')) auth.forget();
      // A project's tokens end with its word, too.
      if (topics.has('login') || topics.has('projects')) lasting.look();
    },
    end: () => {},
  });
  deps.policy.onChange(lasting.look);
  const applications = createApplicationFeed({
    db,
    feed: deps.feed,
    log,
    controlPlaneNamespace: config.controlPlaneNamespace,
  });

  api.use(exactJson);
  api.use(securityHeaders(() => ownUrls(deps)[0]));
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

/** The paths of that document, whose schemas are named and not told: they take far longer to make than all the rest. */
export function openapiPaths(): object {
  const api = newApi();
  registerRoutes(api);
  return routesOf(api, '0').paths ?? {};
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
  projectChangeRoutes,
  projectDetailRoutes,
  roleTokenRoutes,
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
  for (const register of routes) register(api);
  // Made once, where somebody wants it: it takes a tenth of a second, and no other request needs it.
  let document: object | undefined;
  api.get('/swagger.json', (c) => {
    document ??= documentOf(api, c.var.deps.config.version);
    return c.json(document);
  });
}

function routesOf(api: Api, version: string) {
  return api.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'Keelson API', version } });
}

function documentOf(api: Api, version: string): object {
  const document = routesOf(api, version);
  return { ...document, components: { ...document.components, schemas: componentSchemas() } };
}
