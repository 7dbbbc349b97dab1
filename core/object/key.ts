/**
 * Identity of a Kubernetes object. The API version is left out on purpose: the same object is served under
 * several versions, and a manifest that moves from one to another still describes the same object.
 */
export type ResourceKey = {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
};

/** Renders a key for people: `apps/Deployment prod/web`, `Namespace prod`. */
export function formatKey(key: ResourceKey): string {
  const kind = key.group === '' ? key.kind : `${key.group}/${key.kind}`;
  const name = key.namespace === '' ? key.name : `${key.namespace}/${key.name}`;
  return `${kind} ${name}`;
}

/** A string equal for equal keys and different for different ones; for maps and database columns. */
export function keyId(key: ResourceKey): string {
  return `${key.group}/${key.kind}/${key.namespace}/${key.name}`;
}

export function sameKey(a: ResourceKey, b: ResourceKey): boolean {
  return a.group === b.group && a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}
