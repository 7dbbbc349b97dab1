import { KeelsonError } from '../../../core/errors.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { isExcluded } from '../../../core/settings/filter.ts';
import type { DesiredObject } from '../../../core/sync/plan/plan-input.ts';
import type { ContentStore } from '../../../db/content-store.ts';
import type { RenderRow } from '../../../db/queries/application/render.ts';
import type { ClusterView } from '../cluster-view.ts';

/** The objects of a render, in its order. */
export async function loadDesired(
  content: Pick<ContentStore, 'manifests'>,
  view: Pick<ClusterView, 'address' | 'settings'>,
  render: Pick<RenderRow, 'objects'> | undefined,
): Promise<DesiredObject[]> {
  const objects = render?.objects ?? [];
  const manifests = await content.manifests(objects.map((object) => object.digest));
  return objects.map(({ key, digest }) => ({
    manifest: manifests.get(digest) as Manifest,
    digest,
    // As the render has decided, by the cluster's discovery or by a definition that came along.
    namespaced: key.namespace !== '',
    excluded: isExcluded(view.settings, { ...key, cluster: view.address }),
  }));
}

/** The same objects with what discovery says of their kinds now; it is asked anew for a kind that it doesn't know. */
export async function withKinds(
  view: Pick<ClusterView, 'direct'>,
  desired: readonly DesiredObject[],
): Promise<DesiredObject[]> {
  const kinds = new Map<string, Promise<KindFacts>>();
  return Promise.all(
    desired.map(async (object) => {
      const { apiVersion, kind } = object.manifest;
      const asked = kinds.get(`${apiVersion} ${kind}`) ?? kindFacts(view, apiVersion, kind);
      kinds.set(`${apiVersion} ${kind}`, asked);
      return { ...object, ...(await asked) };
    }),
  );
}

type KindFacts = { readonly namespaced?: boolean; readonly unknownKind?: string };

async function kindFacts(
  { direct }: Pick<ClusterView, 'direct'>,
  apiVersion: string,
  kind: string,
): Promise<KindFacts> {
  try {
    const { namespaced } = await direct.resourceFor(apiVersion, kind);
    return { namespaced };
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.code !== 'kind-unknown') throw error;
    const missing = `resource mapping not found: no matches for kind "${kind}" in version "${apiVersion}", the server could not find the requested resource`;
    return { unknownKind: `${missing}; ${remedyOf(error)}` };
  }
}

function remedyOf({ retryable, message, details }: KeelsonError): string {
  const skip = 'or set SkipDryRunOnMissingResource=true where something else brings it meanwhile';
  if (retryable) return `repair its API group, which does not answer (${message}), ${skip}`;
  if (details['versions'])
    return `the cluster serves ${details['versions']}, so write one of these as apiVersion`;
  return `install its CustomResourceDefinition on the destination cluster or make it part of this sync, ${skip}`;
}
