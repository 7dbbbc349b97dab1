import { ownResources } from '../resources.ts';

/** What `role:readonly` may get. */
const seen: readonly (readonly [resource: string, object: string])[] = [
  ['applications', '*/*'],
  ['applicationsets', '*/*'],
  ['certificates', '*'],
  ['clusters', '*'],
  ['repositories', '*'],
  ['write-repositories', '*'],
  ['projects', '*'],
  ['accounts', '*'],
  ['gpgkeys', '*'],
  ['logs', '*/*'],
  ...ownResources.map((resource) => [resource, '*'] as const),
];

const changes = ['create', 'update', 'delete'];

/** What `role:admin` may do besides. */
const done: readonly (readonly [resource: string, actions: readonly string[], object: string])[] = [
  ['applications', [...changes, 'update/*', 'delete/*', 'sync', 'rollback', 'override', 'action/*'], '*/*'],
  ['applicationsets', ['get', ...changes], '*/*'],
  ['certificates', changes, '*'],
  ['clusters', changes, '*'],
  ['repositories', changes, '*'],
  ['write-repositories', changes, '*'],
  ['projects', changes, '*'],
  ['accounts', ['update'], '*'],
  ['gpgkeys', ['create', 'delete'], '*'],
  ['exec', ['create'], '*/*'],
  ...ownResources.map((resource) => [resource, ['*'], '*'] as const),
];

/** The policy that is there before any other, always in globs. */
export const builtinPolicy = [
  ...seen.map(([resource, object]) => `p, role:readonly, ${resource}, get, ${object}, allow`),
  ...done.flatMap(([resource, actions, object]) =>
    actions.map((action) => `p, role:admin, ${resource}, ${action}, ${object}, allow`),
  ),
  'g, role:admin, role:readonly',
  'g, admin, role:admin',
].join('\n');
