/** How the API server merges a list of a strategic merge patch: by the key of its elements, as a set, or not at all. */
export type ListMerge =
  | { readonly by: 'key'; readonly key: string; readonly retainKeys?: true }
  | { readonly by: 'value' }
  | { readonly by: 'replacement' };

/** Groups that the API server itself implements; only these take strategic merge patches. */
const builtInGroups: ReadonlySet<string> = new Set([
  '',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
]);

/** Whether objects of a group take strategic merge patches; those of custom resources take JSON merge patches only. */
export function takesStrategicMerge(group: string): boolean {
  return builtInGroups.has(group);
}

/**
 * Merge keys by where a list stands: the name of the field behind the end of its parent's path (list elements left
 * out). Read from the OpenAPI document of Kubernetes 1.35; those inside `status` are left out.
 */
const mergeKeys: readonly (readonly [parent: RegExp, field: string, key: string])[] = [
  [/(^|\.)metadata$/, 'ownerReferences', 'uid'],
  ...['containers', 'ephemeralContainers', 'initContainers', 'imagePullSecrets', 'schedulingGates'].map(
    (field) => [/(^|\.)spec$/, field, 'name'] as const,
  ),
  [/(^|\.)spec$/, 'hostAliases', 'ip'],
  [/(^|\.)spec$/, 'topologySpreadConstraints', 'topologyKey'],
  [/\.(c|initC|ephemeralC)ontainers$/, 'env', 'name'],
  [/\.(c|initC|ephemeralC)ontainers$/, 'ports', 'containerPort'],
  [/\.(c|initC|ephemeralC)ontainers$/, 'volumeDevices', 'devicePath'],
  [/\.(c|initC|ephemeralC)ontainers$/, 'volumeMounts', 'mountPath'],
  [/\.webhooks$|^webhooks$/, 'matchConditions', 'name'],
];

/** The same for lists that merge so in one kind only, as `Kind path`. */
const mergeKeysOfKinds: Readonly<Record<string, string>> = {
  'CSINode spec.drivers': 'name',
  'MutatingWebhookConfiguration webhooks': 'name',
  'Service spec.ports': 'port',
  'ServiceAccount secrets': 'name',
  'ValidatingAdmissionPolicy spec.matchConditions': 'name',
  'ValidatingAdmissionPolicy spec.variables': 'name',
  'ValidatingWebhookConfiguration webhooks': 'name',
};

/** Lists whose elements are unions: a member that the patch leaves out has to go. */
const unionLists: ReadonlySet<string> = new Set(['resourceClaims', 'volumes']);

/** How the list at a path of a built-in kind is merged. */
export function listMerge(kind: string, path: readonly string[]): ListMerge {
  const field = path.at(-1) ?? '';
  const parent = path.slice(0, -1).join('.');
  if (field === 'finalizers' && parent.endsWith('metadata')) return { by: 'value' };
  if (unionLists.has(field) && /(^|\.)spec$/.test(parent))
    return { by: 'key', key: 'name', retainKeys: true };
  if (field === 'x-kubernetes-validations') return { by: 'key', key: 'rule' };
  const key =
    mergeKeysOfKinds[`${kind} ${path.join('.')}`] ??
    mergeKeys.find(([where, name]) => name === field && where.test(parent))?.[2];
  return key === undefined ? { by: 'replacement' } : { by: 'key', key };
}

/** How the API server merges the object at a path: field by field, as a union, or not at all. */
export function objectMerge(kind: string, path: readonly string[]): 'fields' | 'union' | 'replacement' {
  const where = `${kind} ${path.join('.')}`;
  if (where === 'Deployment spec.strategy') return 'union';
  return where === 'PodDisruptionBudget spec.selector' ? 'replacement' : 'fields';
}

/** Whether the fields at a path are names that anybody adds to, so that others' survive when ours all go. */
export function isSharedMap(path: readonly string[]): boolean {
  return path.at(-2) === 'metadata' && ['annotations', 'labels'].includes(path.at(-1) ?? '');
}
