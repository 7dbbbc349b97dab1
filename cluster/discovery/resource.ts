/** One kind as a cluster serves it under one version. */
export type ApiResource = {
  readonly group: string;
  readonly version: string;
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Name in URLs and RBAC rules: `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  /** Whether this is the version the cluster prefers for this kind. */
  readonly preferred: boolean;
};

/** Says of which kinds nothing is to be read, as the settings of an installation want it. */
export type KindFilter = (group: string, kind: string) => boolean;

/** Where below a resource a request goes; everything empty means the collection in all namespaces. */
export type ResourceTarget = {
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
};

/** The URL path of a resource, its collection, or one object of it; namespaces of cluster-scoped kinds are dropped. */
export function resourcePath(resource: ApiResource, target: ResourceTarget = {}): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.apiVersion}`;
  const segments = [root];
  if (resource.namespaced && target.namespace) {
    segments.push('namespaces', encodeURIComponent(target.namespace));
  }
  segments.push(resource.plural);
  if (target.name) segments.push(encodeURIComponent(target.name));
  if (target.subresource) segments.push(target.subresource);
  return segments.join('/');
}

/** A query string with its `?`, empty without parameters; undefined values are left out. */
export function queryString(
  parameters: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}
