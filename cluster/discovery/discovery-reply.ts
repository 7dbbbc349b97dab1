import { z } from 'zod';
import type { ApiResource } from './resource.ts';

/** What discovery says of one group version; unreadable ones have a reason instead of resources. */
export type ServedVersion = {
  readonly groupVersion: string;
  readonly resources: readonly Omit<ApiResource, 'preferred'>[];
  readonly failure?: string;
};

const ServedResource = z.object({
  resource: z.string(),
  responseKind: z
    .object({ group: z.string().optional(), version: z.string().optional(), kind: z.string() })
    .nullish(),
  scope: z.string(),
  verbs: z.array(z.string()),
});

const AggregatedReply = z.object({
  kind: z.literal('APIGroupDiscoveryList'),
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string().optional() }),
      versions: z.array(
        z.object({
          version: z.string(),
          resources: z.array(ServedResource).nullish(),
          freshness: z.string().optional(),
        }),
      ),
    }),
  ),
});

/** Reads the one-document form of discovery; undefined for the older form. Versions keep the order of preference. */
export function readAggregated(body: unknown): ServedVersion[] | undefined {
  const reply = AggregatedReply.safeParse(body);
  if (!reply.success) return undefined;
  return reply.data.items.flatMap((group) =>
    group.versions.map(({ version, resources, freshness }) => {
      const served = servedVersion(group.metadata.name ?? '', version, (resources ?? []).map(fromAggregated));
      if (freshness !== 'Stale' || served.resources.length > 0) return served;
      return { ...served, failure: 'the server behind this API group does not answer' };
    }),
  );
}

type Named = { kind: string; plural: string; namespaced: boolean; verbs: string[] };

function fromAggregated({ resource, responseKind, scope, verbs }: z.infer<typeof ServedResource>): Named {
  return { kind: responseKind?.kind ?? '', plural: resource, namespaced: scope === 'Namespaced', verbs };
}

const CoreVersions = z.object({ versions: z.array(z.string()) });

/** Group versions of the `/api` reply. */
export function readCoreVersions(body: unknown): string[] {
  return CoreVersions.parse(body).versions;
}

const GroupVersion = z.object({ groupVersion: z.string() });
const GroupList = z.object({
  groups: z.array(z.object({ versions: z.array(GroupVersion), preferredVersion: GroupVersion.optional() })),
});

/** Group versions of the `/apis` reply, the preferred one of each group first. */
export function readGroupVersions(body: unknown): string[] {
  return GroupList.parse(body).groups.flatMap(({ versions, preferredVersion }) => {
    const names = versions.map((version) => version.groupVersion);
    return preferredVersion === undefined ? names : [...new Set([preferredVersion.groupVersion, ...names])];
  });
}

const ResourceList = z.object({
  resources: z.array(
    z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean(), verbs: z.array(z.string()) }),
  ),
});

/** Reads one group version in the older form; subresources are left out. */
export function readResourceList(groupVersion: string, body: unknown): ServedVersion {
  const slash = groupVersion.indexOf('/');
  const group = slash === -1 ? '' : groupVersion.slice(0, slash);
  const named = ResourceList.parse(body).resources.map(({ name, ...rest }) => ({ ...rest, plural: name }));
  return servedVersion(group, groupVersion.slice(slash + 1), named);
}

function servedVersion(group: string, version: string, named: readonly Named[]): ServedVersion {
  const groupVersion = group === '' ? version : `${group}/${version}`;
  const resources = named
    .filter(({ kind, plural }) => kind !== '' && !plural.includes('/'))
    .map((resource) => ({ group, version, apiVersion: groupVersion, ...resource }));
  return { groupVersion, resources };
}

/** Marks the first version of each kind, in the order given, as the preferred one. */
export function markPreferred(versions: readonly ServedVersion[]): ApiResource[] {
  const seen = new Set<string>();
  return versions.flatMap(({ resources }) =>
    resources.map((resource) => {
      const name = `${resource.group}/${resource.plural}`;
      const preferred = !seen.has(name);
      seen.add(name);
      return { ...resource, preferred };
    }),
  );
}
