import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as applications from '../../core/wire/requests/applications.ts';
import * as installation from '../../core/wire/requests/installation.ts';
import * as operations from '../../core/wire/requests/operations.ts';
import type { ApiRequest } from '../../core/wire/requests/request.ts';
import * as sources from '../../core/wire/requests/sources.ts';

type Reference = { readonly $ref?: string };
type Content = Readonly<Record<string, { readonly schema: Reference }>>;
type Route = {
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
  }[];
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
};

/** As the routes make it; another test holds the file to them. */
const { paths } = JSON.parse(readFileSync('docs/api/openapi.json', 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Route>>>>;
};

const app = 'team-a/guest book';
const pod = { group: '', version: 'v1', kind: 'Pod', namespace: 'web', name: 'web-0' };
const upload = { chunk: 'H4sI', checksum: 'abc' };
const filter = { hostNamePattern: '*.example.org', certType: 'ssh', certSubType: 'ecdsa-sha2-nistp256' };
const url = 'https://git.example.org/team/site.git';

/** Each request that clients make, with everything that it can say. */
const requests: Readonly<Record<string, ApiRequest>> = {
  listApplications: applications.listApplications(
    { selector: 'team=a', projects: ['p', 'q'], repo: url, namespace: 'team-a' },
    ['metadata.name', 'spec'],
  ),
  getApplication: applications.getApplication(app, { refresh: 'hard', project: 'p' }),
  createApplication: applications.createApplication({}, { upsert: true, validate: false }),
  replaceSpec: applications.replaceSpec(
    app,
    { destination: { namespace: 'web' }, project: 'p' },
    { validate: false },
  ),
  deleteApplication: applications.deleteApplication(app, {
    cascade: true,
    propagationPolicy: 'foreground',
    deadline: '10m',
    orphan: true,
  }),
  confirmDeletion: applications.confirmDeletion(app),
  answerHeldDeletion: applications.answerHeldDeletion(app, 'orphan'),
  resourceTree: applications.resourceTree(app),
  managedResources: applications.managedResources(app, {
    ...pod,
    revision: 'main',
    revisions: ['main'],
    sourcePositions: ['1'],
  }),
  manifests: applications.manifests(app, { revision: 'main', revisions: ['main'], sourcePositions: ['1'] }),
  compareFiles: applications.compareFiles(app, upload),
  manifestsOfFiles: applications.manifestsOfFiles(app, upload),
  liveManifest: applications.liveManifest(app, pod),
  listActions: applications.listActions(app, pod),
  runAction: applications.runAction(app, pod, {
    action: 'restart',
    parameters: [{ name: 'a', value: 'b' }],
  }),
  sync: operations.sync(app, { prune: true }),
  rollback: operations.rollback(app, { id: 3 }),
  terminate: operations.terminate(app),
  syncWindows: operations.syncWindows(app),
  listOperations: operations.listOperations(app, 20),
  getOperation: operations.getOperation(app, 'op/1'),
  login: installation.login({ username: 'admin', password: 'secret' }),
  logout: installation.logout(),
  userInfo: installation.userInfo(),
  canI: installation.canI({
    resource: 'applications',
    action: 'action/apps/Deployment/restart',
    object: 'team/*',
  }),
  updatePassword: installation.updatePassword({ name: 'admin', currentPassword: 'old', newPassword: 'new' }),
  logoutAll: installation.logoutAll('admin'),
  version: installation.version(),
  serverSettings: installation.serverSettings(),
  getSettings: installation.getSettings(),
  putSettings: installation.putSettings({ configMaps: {} }, { partial: true }),
  rollBackSettings: installation.rollBackSettings(),
  acceptSettings: installation.acceptSettings({ seen: { 'ConfigMap argocd-cm': '7' } }),
  listProjects: installation.listProjects(),
  listClusters: installation.listClusters(),
  listRepositories: sources.listRepositories({ refresh: true }),
  getRepository: sources.getRepository(url, { project: 'p', refresh: true }),
  addRepository: sources.addRepository({ repo: url }, { upsert: true }),
  removeRepository: sources.removeRepository(url, 'p'),
  applySources: sources.applySources('kind: Secret'),
  listTemplates: sources.listTemplates(),
  addTemplate: sources.addTemplate({ url }, { upsert: true }),
  removeTemplate: sources.removeTemplate(url),
  listCertificates: sources.listCertificates(filter),
  addCertificates: sources.addCertificates({ items: [] }, { upsert: true }),
  removeCertificates: sources.removeCertificates(filter),
  listGpgKeys: sources.listGpgKeys(),
  getGpgKey: sources.getGpgKey('4AEE18F83AFDEB23'),
  addGpgKeys: sources.addGpgKeys('-----BEGIN PGP PUBLIC KEY BLOCK-----'),
  removeGpgKey: sources.removeGpgKey('4AEE18F83AFDEB23'),
};

/** The route that answers a request: one whose fixed segments are the request's before one with parameters there. */
function routeOf({ method, path }: ApiRequest): Route | undefined {
  const segments = `/${path}`.split('/');
  const matching = Object.keys(paths)
    .filter((route) => paths[route]?.[method.toLowerCase()] !== undefined)
    .filter((route) => {
      const wanted = route.split('/');
      return (
        wanted.length === segments.length &&
        wanted.every((part, index) => part.startsWith('{') || part === segments[index])
      );
    })
    .sort((a, b) => a.split('{').length - b.split('{').length);
  return paths[matching[0] ?? '']?.[method.toLowerCase()];
}

describe('requests of the command line and the user interface', () => {
  it('are all looked at here', () => {
    const made = Object.keys({ ...applications, ...installation, ...operations, ...sources });
    expect(made.sort()).toEqual(Object.keys(requests).sort());
  });

  it.each(Object.entries(requests))('%s goes to a route that answers with what is read', (_name, request) => {
    const [success] = Object.entries(routeOf(request)?.responses ?? {}).filter(([code]) => /^2/.test(code));
    expect(success?.[1].content?.['application/json']?.schema.$ref).toBe(
      `#/components/schemas/${request.reply}`,
    );
  });

  it.each(Object.entries(requests))('%s says in its query what the route knows', (_name, request) => {
    const parameters = (routeOf(request)?.parameters ?? []).filter((one) => one.in === 'query');
    const said = Object.entries(request.query ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [name],
    );
    expect(said.filter((name) => !parameters.some((one) => one.name === name))).toEqual([]);
    const needed = parameters.filter((one) => one.required === true).map((one) => one.name);
    expect(needed.filter((name) => !said.includes(name))).toEqual([]);
  });

  it('name an application by its name, with its namespace beside it', () => {
    expect(applications.getApplication(app)).toEqual({
      method: 'GET',
      path: 'api/v1/applications/guest%20book',
      query: { appNamespace: 'team-a' },
      reply: 'Application',
    });
    expect(operations.sync('guestbook', {})).toMatchObject({
      path: 'api/v1/applications/guestbook/sync',
      body: { name: 'guestbook' },
    });
  });

  it('leave a flag out that is off, and say what is on by default only where it is off', () => {
    const { query } = applications.createApplication({});
    expect(query).toEqual({ upsert: undefined, validate: undefined });
    expect(applications.deleteApplication('a', {}).query).toEqual({});
  });

  it('bring files as two JSON texts, a line each', () => {
    const lines = (applications.compareFiles(app, upload).text ?? '').split('\n');
    expect(lines.filter((line) => line !== '').map((line) => JSON.parse(line))).toEqual([
      { query: { name: 'guest book', checksum: 'abc', appNamespace: 'team-a' } },
      { chunk: { chunk: 'H4sI' } },
    ]);
  });

  it('encode an address twice in a path', () => {
    expect(sources.removeTemplate('https://a/b').path).toBe('api/v1/repocreds/https%253A%252F%252Fa%252Fb');
  });
});
