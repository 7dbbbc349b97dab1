import { listAt, textAt, valueAt } from '../json/field.ts';
import type { ResourceKey } from '../key.ts';
import { isFields } from './check-manifest.ts';
import { groupOf, type Manifest } from './manifest.ts';

/** What a CustomResourceDefinition brings to a cluster. */
export type DefinedKind = {
  readonly group: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Served versions; empty when the definition names none. */
  readonly versions: readonly string[];
};

/** Whether an object defines a kind. */
export function isCustomResourceDefinition(manifest: Pick<Manifest, 'apiVersion' | 'kind'>): boolean {
  return isDefinitionKey({ group: groupOf(manifest.apiVersion), kind: manifest.kind });
}

/** The same, by the key of an object. */
export function isDefinitionKey({ group, kind }: Pick<ResourceKey, 'group' | 'kind'>): boolean {
  return group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition';
}

/** The kind that an object defines; undefined for other objects and for definitions that name no kind. */
export function definedKind(manifest: Manifest): DefinedKind | undefined {
  if (!isCustomResourceDefinition(manifest)) return undefined;
  const group = textAt(manifest, 'spec', 'group');
  const kind = textAt(manifest, 'spec', 'names', 'kind');
  if (group === '' || kind === '') return undefined;
  const listed = listAt(manifest, 'spec', 'versions').filter(
    (version) => isFields(version) && version['served'] !== false,
  );
  const single = textAt(manifest, 'spec', 'version');
  const versions = [...listed.map((version) => textAt(version, 'name')), single].filter(Boolean);
  return { group, kind, namespaced: valueAt(manifest, 'spec', 'scope') !== 'Cluster', versions };
}

/** Names a kind without its version: `apps/Deployment`, `/Service`. */
export function kindId(kind: { readonly group: string; readonly kind: string }): string {
  return `${kind.group}/${kind.kind}`;
}

/** The kinds that some objects define, by group and kind. */
export function definedKinds(manifests: readonly Manifest[]): ReadonlyMap<string, DefinedKind> {
  const kinds = manifests.flatMap((manifest) => definedKind(manifest) ?? []);
  return new Map(kinds.map((kind) => [kindId(kind), kind]));
}
