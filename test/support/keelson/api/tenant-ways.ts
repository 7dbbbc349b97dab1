import { guestbook } from './api.ts';
import type { RouteRequest } from './route-requests.ts';
import type { Belongings } from './two-projects.ts';

/** One way to read or write what another project has. */
export type Way = {
  readonly way: string;
  /** The request about somebody else's belongings, by whoever has `own`. */
  readonly request: (of: Target, own: Belongings) => RouteRequest;
};

/** What somebody is after: belongings, with an operation of their application. */
export type Target = Belongings & { readonly operation: string };

const get = (way: string, path: (of: Target, own: Belongings) => string): Way => ({
  way,
  request: (of, own) => ({ method: 'GET', path: `/api/v1${path(of, own)}` }),
});

const send = (
  way: string,
  method: string,
  path: (of: Target, own: Belongings) => string,
  body: (of: Target, own: Belongings) => unknown = () => ({}),
): Way => ({
  way,
  request: (of, own) => {
    const given = body(of, own);
    const text = typeof given === 'string' ? given : JSON.stringify(given);
    return { method, path: `/api/v1${path(of, own)}`, body: text };
  },
});

const encoded = encodeURIComponent;
const object = 'resourceName=web&kind=Deployment&group=apps';
const app = ({ application }: Belongings): string => `/applications/${application}`;
const repo = ({ repository }: Belongings): string => `/repositories/${encoded(repository)}`;
const ofProject = ({ project }: Belongings): string => `?appProject=${project}`;

const upload = ({ application, project }: Target): string =>
  [{ query: { name: application, project } }, { chunk: { chunk: 'H4sIAAAAAAAAAwMAAAAAAAAAAAA=' } }]
    .map((line) => JSON.stringify(line))
    .join('\n');

const as = (name: string, project: string, spec: Record<string, unknown> = {}) =>
  guestbook(name, { project, ...spec });

const declared = ({ repository, project }: Target): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'declared', labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
    stringData: { url: repository, project, username: 'tenant' },
  });

/** What is refused, in the words that it is refused in where there is nothing of the name. */
export const refusedWays: readonly Way[] = [
  get('get an application', app),
  get('get it as one of its project', (of) => `${app(of)}?project=${of.project}`),
  get('get it as one of another project', (of, own) => `${app(of)}?project=${own.project}`),
  get('get it by several parameters', (of, own) => `${app(of)}?projects=${own.project}&appNamespace=argocd`),
  get('get it in its namespace', (of) => `${app(of)}?appNamespace=argocd`),
  get('get it with its name encoded', (of) => `/applications/${of.application.replace('-', '%2D')}`),
  get('get it with its name encoded twice', (of) => `/applications/${of.application.replace('-', '%252D')}`),
  get('get it by a path through another one', (of, own) => `${app(own)}%2F..%2F${of.application}`),
  get('refresh it', (of) => `${app(of)}?refresh=normal`),
  get('render it anew', (of) => `${app(of)}?refresh=hard`),
  get('get a field of it', (of) => `${app(of)}?fields=spec.source.repoURL`),
  get('get its manifests', (of) => `${app(of)}/manifests`),
  get('get its manifests of another revision', (of) => `${app(of)}/manifests?revision=main`),
  get('get the author of a commit', (of) => `${app(of)}/revisions/main/metadata`),
  get('get a chart of it', (of) => `${app(of)}/revisions/1.0.0/chartdetails`),
  get('get its objects', (of) => `${app(of)}/managed-resources`),
  get('get fields of its objects', (of) => `${app(of)}/managed-resources?fields=items.liveState`),
  get('get its tree', (of) => `${app(of)}/resource-tree`),
  get(
    'get its tree as one of another project',
    (of, own) => `${app(of)}/resource-tree?project=${own.project}`,
  ),
  get('get a live object', (of) => `${app(of)}/resource?${object}`),
  get('get the actions of an object', (of) => `${app(of)}/resource/actions?${object}`),
  get('read a log', (of) => `${app(of)}/pods/web-1/logs`),
  get('follow a log', (of) => `${app(of)}/pods/web-1/logs?follow=true&project=${of.project}`),
  get('get its sync windows', (of) => `${app(of)}/syncwindows`),
  get('list its operations', (of) => `${app(of)}/operations`),
  get('get an operation', (of) => `${app(of)}/operations/${of.operation}`),
  get('get an operation under another name', (of, own) => `${app(own)}/operations/${of.operation}`),
  get('get an operation as one of another project', (of, own) => {
    return `${app(of)}/operations/${of.operation}?project=${own.project}`;
  }),
  get('follow its tree', (of) => `/stream${app(of)}/resource-tree`),
  get('follow its tree as one of another project', (of, own) => {
    return `/stream${app(of)}/resource-tree?project=${own.project}`;
  }),
  { way: 'ask whether it is there', request: (of) => ({ method: 'HEAD', path: `/api/v1${app(of)}` }) },
  send('render files in its place', 'POST', () => '/applications/manifestsWithFiles', upload),
  send('compare files with its objects', 'POST', (of) => `${app(of)}/managed-resources`, upload),
  send(
    'create an application in its project',
    'POST',
    () => '/applications',
    ({ application, project }) => as(`${application}-2`, project),
  ),
  send(
    'create it anew',
    'POST',
    () => '/applications',
    ({ application, project }) => as(application, project),
  ),
  send(
    'change it by creating it',
    'POST',
    () => '/applications?upsert=true',
    ({ application, project }) => as(application, project),
  ),
  send(
    'change it unchecked',
    'POST',
    () => '/applications?upsert=true&validate=false',
    (of) => as(of.application, of.project),
  ),
  send('replace it', 'PUT', app, ({ application, project }) => as(application, project)),
  send('take it into another project', 'PUT', app, ({ application }, own) => as(application, own.project)),
  send(
    'replace its spec',
    'PUT',
    (of) => `${app(of)}/spec`,
    (_, own) => as('x', own.project).spec,
  ),
  send('patch it', 'PATCH', app, () => ({ patchType: 'merge', patch: '{"metadata":{"labels":{"a":"b"}}}' })),
  send('patch it as one of another project', 'PATCH', app, (_, own) => ({
    patch: '[]',
    project: own.project,
  })),
  send(
    'move an application into its project',
    'PUT',
    (_, own) => app(own),
    ({ project }, own) => as(own.application, project),
  ),
  send(
    'move one there by its spec',
    'PUT',
    (_, own) => `${app(own)}/spec`,
    ({ project }) => as('x', project).spec,
  ),
  send(
    'move one there by a patch',
    'PATCH',
    (_, own) => app(own),
    ({ project }) => ({
      patchType: 'merge',
      patch: JSON.stringify({ spec: { project } }),
    }),
  ),
  send('delete it', 'DELETE', app),
  send('delete it and leave its objects', 'DELETE', (of) => `${app(of)}?cascade=false&project=${of.project}`),
  send('sync it', 'POST', (of) => `${app(of)}/sync`),
  send(
    'try a sync of it',
    'POST',
    (of) => `${app(of)}/sync`,
    () => ({ dryRun: true, prune: true }),
  ),
  send(
    'sync manifests into it',
    'POST',
    (of) => `${app(of)}/sync`,
    () => ({ manifests: ['{}'] }),
  ),
  send(
    'sync it as one of another project',
    'POST',
    (of) => `${app(of)}/sync`,
    (_, { project }) => ({ project }),
  ),
  send(
    'roll it back',
    'POST',
    (of) => `${app(of)}/rollback`,
    () => ({ id: 1 }),
  ),
  send('terminate its operation', 'DELETE', (of) => `${app(of)}/operation`),
  send('approve its deletions', 'POST', (of) => `${app(of)}/confirm-deletion`),
  send(
    'answer its held deletion',
    'POST',
    (of) => `${app(of)}/held-deletion`,
    () => ({ answer: 'orphan' }),
  ),
  send(
    'run an action',
    'POST',
    (of) => `${app(of)}/resource/actions?${object}`,
    () => '"restart"',
  ),
  send(
    'run an action with parameters',
    'POST',
    (of) => `${app(of)}/resource/actions/v2`,
    () => ({
      resourceName: 'web',
      kind: 'Deployment',
      action: 'restart',
    }),
  ),
  get('get a project', ({ project }) => `/projects/${project}`),
  get('get a cluster', ({ cluster }) => `/clusters/${encoded(cluster)}`),
  get('get a cluster encoded twice', ({ cluster }) => `/clusters/${encoded(encoded(cluster))}`),
  get('get a cluster by its name', ({ project }) => `/clusters/${project}-cluster?id.type=name`),
  get('get a repository', (of) => `${repo(of)}${ofProject(of)}`),
  get('get it as one of all', repo),
  get('get it as one of another project’s', (of, own) => `${repo(of)}${ofProject(own)}`),
  get('test its connection', (of) => `${repo(of)}${ofProject(of)}&forceRefresh=true`),
  get('list its branches', (of) => `${repo(of)}/refs${ofProject(of)}`),
  get('list its folders', (of) => `${repo(of)}/apps${ofProject(of)}`),
  get('list its charts', (of) => `${repo(of)}/helmcharts${ofProject(of)}`),
  send(
    'read what a source of it holds',
    'POST',
    (of) => `${repo(of)}/appdetails`,
    (of) => ({
      source: { repoURL: of.repository, path: 'x' },
      appProject: of.project,
      appName: of.application,
    }),
  ),
  send(
    'read its application’s source in another project',
    'POST',
    (of) => `${repo(of)}/appdetails`,
    (of, own) => ({
      source: { repoURL: of.repository, path: 'x' },
      appProject: own.project,
      appName: of.application,
    }),
  ),
  send(
    'register a repository in its project',
    'POST',
    () => '/repositories',
    ({ repository, project }) => ({
      repo: repository,
      project,
    }),
  ),
  send(
    'register a repository of all',
    'POST',
    () => '/repositories?upsert=true',
    (of) => ({ repo: of.repository }),
  ),
  send('replace a repository', 'PUT', repo, ({ project }) => ({ project, username: 'tenant' })),
  send('forget a repository', 'DELETE', (of) => `${repo(of)}${ofProject(of)}`),
  send(
    'try a repository',
    'POST',
    (of) => `${repo(of)}/validate`,
    ({ project }) => ({ project }),
  ),
  send(
    'declare a repository',
    'POST',
    () => '/keelson/sources/apply',
    (of) => ({ manifests: declared(of) }),
  ),
  send(
    'add a template',
    'POST',
    () => '/repocreds?upsert=true',
    ({ template }) => ({ url: template }),
  ),
  send('replace a template', 'PUT', ({ template }) => `/repocreds/${encoded(template)}`),
  send('forget a template', 'DELETE', ({ template }) => `/repocreds/${encoded(template)}`),
  get('read the settings', () => '/keelson/settings'),
  send(
    'change the policies',
    'PUT',
    () => '/keelson/settings',
    ({ project }, own) => ({
      configMaps: { 'argocd-rbac-cm': { 'policy.csv': `g, proj:${own.project}:all, role:${project}` } },
    }),
  ),
  send('bring former settings back', 'POST', () => '/keelson/settings/rollback'),
  send('accept settings', 'POST', () => '/keelson/settings/accept'),
  send(
    'change a password',
    'PUT',
    () => '/account/password',
    () => ({
      name: 'admin',
      currentPassword: 'x',
      newPassword: 'another-password',
    }),
  ),
  send('end the logins of an account', 'DELETE', () => '/account/admin/sessions'),
  get('read the trusted certificates', () => '/certificates'),
  send(
    'trust a certificate',
    'POST',
    () => '/certificates',
    () => ({ items: [] }),
  ),
  get('read the trusted keys', () => '/gpgkeys'),
];

/** What is answered, without a word of what the others have. */
export const answeredWays: readonly Way[] = [
  get('list applications', () => '/applications'),
  get('list those of a project', ({ project }) => `/applications?projects=${project}`),
  get('list those of a project by its old parameter', ({ project }) => `/applications?project=${project}`),
  get('list those of a name', ({ application }) => `/applications?name=${application}`),
  get('list those of a repository', ({ repository }) => `/applications?repo=${encoded(repository)}`),
  get('list those with a label', ({ project }) => `/applications?selector=team%3D${project}`),
  get('list one field of them', () => '/applications?fields=items.metadata.name,items.spec.project'),
  get('list projects', () => '/projects'),
  get('list a project', ({ project }) => `/projects?name=${project}`),
  get('list clusters', () => '/clusters'),
  get('list a cluster', ({ cluster }) => `/clusters?server=${encoded(cluster)}`),
  get('list repositories', () => '/repositories'),
  get('list a repository', ({ repository }) => `/repositories?repo=${encoded(repository)}&forceRefresh=true`),
  get('list those of a project of it', (of) => `/repositories${ofProject(of)}`),
  get('list templates', () => '/repocreds'),
  get('ask for a right', ({ project, application }) => {
    return `/account/can-i/applications/get/${project}/${application}`;
  }),
  get('ask who one is', () => '/session/userinfo'),
  get('read what is for everybody', () => '/settings'),
];
