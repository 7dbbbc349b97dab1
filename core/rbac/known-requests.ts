import { ownField } from '../own-field.ts';
import { ownResources } from './resources.ts';

const changes = ['create', 'get', 'update', 'delete'] as const;
const one = (action: string): readonly string[] => [action];

/** Which actions there are on each resource; one that ends with a slash stands for all that begin so. */
const actionsOn: Readonly<Record<string, readonly string[]>> = {
  accounts: ['get', 'update'],
  applications: [...changes, 'sync', 'rollback', 'override', 'action/', 'update/', 'delete/'],
  applicationsets: changes,
  certificates: ['get', 'create', 'delete'],
  clusters: changes,
  exec: one('create'),
  extensions: one('invoke'),
  gpgkeys: ['get', 'create', 'delete'],
  logs: one('get'),
  projects: changes,
  repositories: changes,
  'write-repositories': changes,
};

/** Other words for resources. */
const otherWords: Readonly<Record<string, string>> = {
  account: 'accounts',
  app: 'applications',
  application: 'applications',
  apps: 'applications',
  applicationset: 'applicationsets',
  appset: 'applicationsets',
  appsets: 'applicationsets',
  cert: 'certificates',
  certificate: 'certificates',
  certs: 'certificates',
  cluster: 'clusters',
  extension: 'extensions',
  gpgkey: 'gpgkeys',
  key: 'gpgkeys',
  log: 'logs',
  proj: 'projects',
  projs: 'projects',
  project: 'projects',
  repo: 'repositories',
  repos: 'repositories',
  repository: 'repositories',
};

/** A resource by its own name, where another word for it is given. */
export function resourceNamed(word: string): string {
  return ownField(otherWords, word) ?? word;
}

/** Why nobody asks for such a right, with what there is; undefined where somebody may. */
export function requestFault(resource: string, action: string): string | undefined {
  if (ownResources.some((own) => own === resource)) return undefined;
  const known = ownField(actionsOn, resource);
  if (known === undefined) {
    const all = [...Object.keys(actionsOn), ...ownResources].sort().join(', ');
    return `"${resource}" is not a resource; use one of ${all}`;
  }
  const isKnown = known.some((one) => (one.endsWith('/') ? action.startsWith(one) : action === one));
  if (isKnown) return undefined;
  return `"${action}" is not an action on ${resource}; use one of ${known.map((word) => word.replace(/\/$/, '/...')).join(', ')}`;
}
