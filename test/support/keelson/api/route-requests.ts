import { openapiDocument } from '../../../../api/app.ts';
import type { RoutePermission } from '../../../../api/auth/permission.ts';
import { guestbook } from './api.ts';
import type { Belongings } from './two-projects.ts';

type Operation = { readonly 'x-permission': RoutePermission };
type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

/** A route of the document, with the right that it declares. */
export type Route = { readonly name: string; readonly permission: RoutePermission };

/** Every route of the document, by method and path. */
export const allRoutes: readonly Route[] = Object.entries((openapiDocument() as Document).paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      permission: operation['x-permission'],
    })),
);

/** A right request to a route, as far as one needs to be for its right to be asked for. */
export type RouteRequest = { readonly method: string; readonly path: string; readonly body?: string };

const encoded = encodeURIComponent;

/** What stands for a parameter of a path, by the path's first folders. */
const parameters: readonly (readonly [start: RegExp, of: (belongings: Belongings) => string])[] = [
  [/^\/api\/v1\/(stream\/)?applications\//, ({ application }) => application],
  [/^\/api\/v1\/projects\//, ({ project }) => project],
  [/^\/api\/v1\/clusters\//, ({ cluster }) => encoded(cluster)],
  [/^\/api\/v1\/repositories\//, ({ repository }) => encoded(repository)],
  [/^\/api\/v1\/repocreds\//, ({ template }) => encoded(template)],
  [/^\/api\/v1\/account\//, () => 'somebody'],
];

const id = '00000000-0000-4000-8000-000000000000';
const further: Readonly<Record<string, string>> = {
  '{id}': id,
  '{podName}': 'web-1',
  '{revision}': 'main',
  '{iat}': '1',
};

const objectQuery = '?resourceName=web&kind=Deployment&group=apps';
const repositoryQuery = ({ project }: Belongings): string => `?appProject=${project}`;

/** Queries that a request needs to come as far as its right. */
const queries: Readonly<Record<string, string | ((of: Belongings) => string)>> = {
  'GET /api/v1/applications/{name}/resource': objectQuery,
  'GET /api/v1/applications/{name}/resource/actions': objectQuery,
  'POST /api/v1/applications/{name}/resource/actions': objectQuery,
  'GET /api/v1/repositories/{repo}': repositoryQuery,
  'DELETE /api/v1/repositories/{repo}': repositoryQuery,
  'GET /api/v1/repositories/{repo}/refs': repositoryQuery,
  'GET /api/v1/repositories/{repo}/apps': repositoryQuery,
  'GET /api/v1/repositories/{repo}/helmcharts': repositoryQuery,
};

const upload = ({ application }: Belongings): string =>
  [{ query: { name: application } }, { chunk: { chunk: 'H4sIAAAAAAAAAwMAAAAAAAAAAAA=' } }]
    .map((line) => JSON.stringify(line))
    .join('\n');

const declared = ({ repository, project }: Belongings): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'declared', labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
    stringData: { url: repository, project },
  });

const applicationOf = ({ application, project }: Belongings) => guestbook(application, { project });

const projectOf = (name: string) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name },
  spec: {},
});

/** Bodies that a request needs to come as far as its right; `{}` where none stands here. */
const bodies: Readonly<Record<string, (of: Belongings) => unknown>> = {
  'PUT /api/v1/keelson/settings': () => ({ configMaps: {} }),
  'POST /api/v1/session': () => ({ username: 'somebody', password: 'x' }),
  'PUT /api/v1/account/password': () => ({ currentPassword: 'x', newPassword: 'y' }),
  'POST /api/v1/applications': applicationOf,
  'PUT /api/v1/applications/{name}': applicationOf,
  'PATCH /api/v1/applications/{name}': () => ({ patch: '{}', patchType: 'merge' }),
  'PUT /api/v1/applications/{name}/spec': (of) => applicationOf(of).spec,
  'POST /api/v1/applications/manifestsWithFiles': upload,
  'POST /api/v1/applications/{name}/managed-resources': upload,
  'POST /api/v1/applications/{name}/rollback': () => ({ id: 1 }),
  'POST /api/v1/applications/{name}/held-deletion': () => ({ answer: 'orphan' }),
  'POST /api/v1/applications/{name}/resource/actions': () => '"restart"',
  'POST /api/v1/applications/{name}/resource/actions/v2': () => ({
    resourceName: 'web',
    kind: 'Deployment',
    group: 'apps',
    action: 'restart',
  }),
  'POST /api/v1/repositories': ({ repository: repo, project }) => ({ repo, project }),
  'PUT /api/v1/repositories/{repo}': ({ project }) => ({ project }),
  'POST /api/v1/repositories/{repo}/validate': ({ project }) => ({ project }),
  'POST /api/v1/repositories/{repo}/appdetails': ({
    repository: repoURL,
    project: appProject,
    application,
  }) => ({
    source: { repoURL, path: `${appProject}-folder` },
    appProject,
    appName: application,
  }),
  'POST /api/v1/projects': ({ project: name }) => ({ project: projectOf(name) }),
  'PUT /api/v1/projects/{name}': ({ project: name }) => ({ project: projectOf(name) }),
  'POST /api/v1/repocreds': ({ template: url }) => ({ url }),
  'POST /api/v1/certificates': () => ({ items: [] }),
  'POST /api/v1/gpgkeys': () => ({ keyData: '' }),
  'POST /api/v1/keelson/sources/apply': (of) => ({ manifests: declared(of) }),
};

/** A request to a route that is about what a project has. */
export function requestTo({ name }: Route, of: Belongings): RouteRequest {
  const [method = '', template = ''] = name.split(' ');
  const [, own] = parameters.find(([start]) => start.test(template)) ?? [];
  let path = own === undefined ? template : template.replace(/\{[^}]+\}/, own(of));
  for (const [parameter, value] of Object.entries(further)) path = path.replace(parameter, value);
  path = path.replaceAll(/\{[^}]+\}/g, 'some');
  const query = queries[name] ?? '';
  const body = method === 'GET' ? undefined : (bodies[name]?.(of) ?? {});
  return {
    method,
    path: `${path}${typeof query === 'string' ? query : query(of)}`,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
}
