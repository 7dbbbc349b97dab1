import { type ObjectHealth, shownHealth } from '../../core/health/health.ts';
import { keyId, type ResourceKey } from '../../core/object/key.ts';
import { keyOf, type Manifest, versionOf } from '../../core/object/manifest/manifest.ts';
import type { ResourceRef, TreeNode } from '../../core/wire/tree.ts';
import { nodeFacts, nodeImages } from './node-facts.ts';
import { nodeNetwork } from './node-network.ts';

/** What a tree is built from. */
export type TreeInput = {
  /** The application's own objects: those it wants and those that say they belong to it. */
  readonly targets: readonly { readonly key: ResourceKey; readonly apiVersion: string }[];
  readonly get: (key: ResourceKey) => Manifest | undefined;
  readonly children: (uid: string) => readonly Manifest[];
  /** Undefined for kinds that have no health. */
  readonly assessHealth: (object: Manifest) => ObjectHealth | undefined;
  /** Whether an object is shown, as all are where nothing says otherwise; what isn't is cut with all that it owns. */
  readonly permits?: (key: ResourceKey) => boolean;
  /** Names of annotations that are shown of no object. */
  readonly maskedAnnotations: readonly string[];
};

type Draft = Omit<TreeNode, 'parentRefs'> & { readonly parentRefs: ResourceRef[] };

/** The targets and everything they own, parents before children; a target that is not there is Missing. */
export function buildTree(input: TreeInput): TreeNode[] {
  const { permits = () => true } = input;
  const drafts = new Map<string, Draft>();
  const open: Manifest[] = [];
  for (const { key, apiVersion } of input.targets) {
    if (!permits(key)) continue;
    const live = input.get(key);
    if (live === undefined) drafts.set(keyId(key), missingNode(key, apiVersion));
    else visit(live, undefined);
  }
  for (let parent = open.shift(); parent !== undefined; parent = open.shift()) {
    const children = parent.metadata.uid === undefined ? [] : input.children(parent.metadata.uid);
    const shown = children.filter((child) => permits(keyOf(child)));
    for (const child of shown.toSorted(byKey)) visit(child, parent);
  }
  return [...drafts.values()];

  /** An object met again only gains a parent, which also ends circles of owners. */
  function visit(object: Manifest, parent: Manifest | undefined): void {
    const id = keyId(keyOf(object));
    let draft = drafts.get(id);
    if (draft === undefined) {
      draft = liveNode(object, shownHealth(input.assessHealth(object)), input.maskedAnnotations);
      drafts.set(id, draft);
      open.push(object);
    }
    if (parent !== undefined) draft.parentRefs.push(refOf(parent));
  }
}

function byKey(a: Manifest, b: Manifest): number {
  return keyId(keyOf(a)) < keyId(keyOf(b)) ? -1 : 1;
}

function refOf(object: Manifest): ResourceRef {
  const { uid } = object.metadata;
  return { ...keyOf(object), ...(uid === undefined ? {} : { uid }) };
}

function missingNode(key: ResourceKey, apiVersion: string): Draft {
  return {
    ...key,
    version: versionOf(apiVersion),
    parentRefs: [],
    info: [],
    images: [],
    health: { status: 'Missing' },
  };
}

function liveNode(object: Manifest, health: TreeNode['health'], masked: readonly string[]): Draft {
  const { resourceVersion, creationTimestamp } = object.metadata;
  return {
    ...refOf(object),
    version: versionOf(object.apiVersion),
    parentRefs: [],
    ...shownFacts(object, masked),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(health === undefined ? {} : { health }),
    ...(creationTimestamp === undefined ? {} : { createdAt: creationTimestamp }),
  };
}

/** What a node tells of its object beside its health: a change of it is worth a new tree. */
export function shownFacts(
  object: Manifest,
  masked: readonly string[],
): Pick<TreeNode, 'images' | 'info' | 'networkingInfo'> {
  const network = nodeNetwork(object, masked);
  return {
    info: nodeFacts(object),
    images: nodeImages(object),
    ...(network === undefined ? {} : { networkingInfo: network }),
  };
}
