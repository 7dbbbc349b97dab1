import type { ResourceKey } from '../../object/key.ts';
import { matchesGlob } from '../../text/glob.ts';
import type { ProjectSpec } from '../project.ts';

/** What a project says of objects in its applications' namespaces that no application has. */
export type OrphanRules = NonNullable<ProjectSpec['orphanedResources']>;

/** What Kubernetes makes in every namespace by itself, or once in one. */
const ofKubernetes: readonly Partial<ResourceKey>[] = [
  { kind: 'Service', namespace: 'default', name: 'kubernetes' },
  { kind: 'ServiceAccount', name: 'default' },
  { kind: 'ConfigMap', name: 'kube-root-ca.crt' },
];

/** Whether an object that no application has is worth telling of: neither Kubernetes' own nor ignored by the project. */
export function isReportedOrphan({ ignore = [] }: OrphanRules, key: ResourceKey): boolean {
  const isOwn = ofKubernetes.some(
    ({ kind, namespace = key.namespace, name }) =>
      key.group === '' && key.kind === kind && key.namespace === namespace && key.name === name,
  );
  return (
    !isOwn &&
    !ignore.some(
      ({ group = '', kind = '', name = '' }) =>
        matchesGlob(group, key.group) &&
        (kind === '' || matchesGlob(kind, key.kind)) &&
        (name === '' || matchesGlob(name, key.name)),
    )
  );
}
