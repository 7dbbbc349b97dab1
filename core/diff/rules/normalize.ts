import { canonicalJson } from '../../object/json/canonical.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import { groupOf, type Manifest } from '../../object/manifest/manifest.ts';
import { encodeSecret } from '../../object/manifest/secret.ts';
import { ownField } from '../../own-field.ts';
import { managedPaths } from '../fields/managed-paths.ts';
import { deletePaths, findPointer, type Path } from '../fields/paths.ts';
import { canonicalValues } from './known-types.ts';
import type { ObjectRules } from './rules.ts';

/** A live object and the state of it that it is compared with. */
export type Pair = { readonly predicted: Manifest; readonly live: Manifest };

/** Both sides as they are compared: written alike, and without what the rules leave out except by jq. */
export function normalizePair({ predicted, live }: Pair, rules: ObjectRules): Pair {
  const managed = managedPaths(live, predicted, rules.managers);
  const side = (manifest: Manifest, paths: readonly Path[]): Manifest => {
    const kept = deletePaths(manifest, paths);
    const written = canonicalValues(normalizeKind(kept, rules), rules.knownTypeFields);
    const pointed = deletePaths(written, pointerPaths(written, rules));
    return rules.ignoresStatus ? deletePaths(pointed, [['status']]) : pointed;
  };
  return { predicted: side(predicted, managed.other), live: side(live, managed.live) };
}

/** Where the JSON pointers of the rules lead in an object; pointers to nothing are passed over. */
export function pointerPaths(manifest: Manifest, rules: Pick<ObjectRules, 'jsonPointers'>): Path[] {
  return rules.jsonPointers.flatMap((pointer) => {
    const path = findPointer(manifest, pointer);
    return path === undefined ? [] : [path];
  });
}

function normalizeKind(manifest: Manifest, rules: ObjectRules): Manifest {
  const rewrite = kindRules[`${groupOf(manifest.apiVersion)}/${manifest.kind}`];
  return rewrite === undefined ? manifest : rewrite(manifest, rules);
}

const kindRules: Readonly<Record<string, (manifest: Manifest, rules: ObjectRules) => Manifest>> = {
  '/Secret': encodeSecret,
  '/Endpoints': normalizeEndpoints,
  'rbac.authorization.k8s.io/Role': normalizeRole,
  'rbac.authorization.k8s.io/ClusterRole': normalizeRole,
};

/** A role without rules has none, however that is written; those of an aggregated role belong to a controller. */
function normalizeRole(manifest: Manifest, { ignoresAggregatedRules }: ObjectRules): Manifest {
  const { rules, ...role } = manifest;
  const empty = rules === null || (Array.isArray(rules) && rules.length === 0);
  const aggregated = ignoresAggregatedRules && isFields(role['aggregationRule']);
  return empty || aggregated ? { ...role } : manifest;
}

/** Subsets and what is in them have no order, and ports are of TCP unless they say otherwise. */
function normalizeEndpoints(manifest: Manifest): Manifest {
  const { subsets } = manifest;
  if (!Array.isArray(subsets)) return manifest;
  const sorted = subsets.map((subset: unknown) => {
    if (!isFields(subset)) return subset;
    const lists = ['addresses', 'notReadyAddresses', 'ports'].flatMap((name): [string, unknown][] => {
      const list = ownField(subset, name);
      return Array.isArray(list) ? [[name, inOrder(name === 'ports' ? list.map(withProtocol) : list)]] : [];
    });
    return { ...subset, ...Object.fromEntries(lists) };
  });
  return { ...manifest, subsets: inOrder(sorted) };
}

function withProtocol(port: unknown): unknown {
  return isFields(port) ? { protocol: 'TCP', ...port } : port;
}

function inOrder(list: readonly unknown[]): unknown[] {
  return list
    .map((element) => ({ element, text: canonicalJson(element) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ element }) => element);
}
