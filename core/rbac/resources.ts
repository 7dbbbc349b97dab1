/**
 * Resources for rights that the reference doesn't have. A line grants one only where it names it: a policy that was
 * written before there was a right never grants it.
 */
export const ownResources = ['approvals', 'audit', 'drift', 'rollouts', 'settings', 'windows'] as const;

const own: ReadonlySet<string> = new Set(ownResources);

/** Those of the whole installation: no project has any. */
const ofNoProject: ReadonlySet<string> = new Set(['settings']);

/** Whether a resource is a right that the reference doesn't have. */
export function isOwnResource(resource: string): boolean {
  return own.has(resource);
}

/** Every resource that a route may ask for a right to. */
export type Resource =
  | 'accounts'
  | 'applications'
  | 'applicationsets'
  | 'certificates'
  | 'clusters'
  | 'exec'
  | 'extensions'
  | 'gpgkeys'
  | 'logs'
  | 'projects'
  | 'repositories'
  | 'write-repositories'
  | (typeof ownResources)[number];

/** Resources of which a project's role may be given rights: their objects begin with the project. */
export const roleResources: ReadonlySet<string> = new Set([
  'applications',
  'applicationsets',
  'logs',
  'exec',
  'clusters',
  'repositories',
  ...ownResources.filter((resource) => !ofNoProject.has(resource)),
]);

/** The project that an object belongs to; undefined where its resource has none in its objects' names. */
export function projectOf(resource: string, object: string): string | undefined {
  if (resource === 'projects') return object;
  if (!roleResources.has(resource) && resource !== 'write-repositories') return undefined;
  const at = object.indexOf('/');
  return at === -1 ? undefined : object.slice(0, at);
}
