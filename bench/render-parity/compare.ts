import { isDeepStrictEqual } from 'node:util';
import { formatKey } from '../../core/object/key.ts';
import { isFields } from '../../core/object/manifest/check-manifest.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';

/** `random` differs only where the plain tool differs from itself when it runs twice. */
export type Verdict = 'different' | 'equal' | 'missing' | 'random' | 'surplus';

/** One object of either side. */
export type Compared = {
  readonly object: string;
  readonly verdict: Verdict;
  /** Where they differ, as JSON pointers. */
  readonly paths: readonly string[];
};

/** Compares what Keelson rendered with what the plain tool printed, object by object. */
export function compareObjects(
  ours: readonly Manifest[],
  plain: readonly Manifest[],
  again: readonly Manifest[] = plain,
): Compared[] {
  const [left, right, repeated] = [byName(ours), byName(plain), byName(again)];
  return [...new Set([...left.keys(), ...right.keys()])].sort().map((object) => {
    const [mine, theirs] = [left.get(object), right.get(object)];
    if (mine === undefined) return { object, verdict: 'missing', paths: [] };
    if (theirs === undefined) return { object, verdict: 'surplus', paths: [] };
    const paths = differences(theirs, mine);
    const unstable = new Set(differences(theirs, repeated.get(object)));
    const random = paths.length > 0 && paths.every((path) => unstable.has(path));
    return { object, verdict: paths.length === 0 ? 'equal' : random ? 'random' : 'different', paths };
  });
}

/** Objects by name; a chart may print one twice, which counts as two. */
function byName(manifests: readonly Manifest[]): Map<string, unknown> {
  const objects = new Map<string, unknown>();
  for (const manifest of manifests) {
    const name = `${manifest.apiVersion} ${formatKey(keyOf(manifest))}`;
    let unique = name;
    for (let count = 2; objects.has(unique); count++) unique = `${name} (${count})`;
    objects.set(unique, withoutNulls(manifest));
  }
  return objects;
}

/** Kubernetes reads null in metadata as absent; Keelson drops it on reading. */
function withoutNulls(manifest: Manifest): unknown {
  const kept = Object.entries(manifest.metadata).filter(([, value]) => value !== null);
  return { ...manifest, metadata: Object.fromEntries(kept) };
}

function differences(left: unknown, right: unknown, path = ''): string[] {
  if (isDeepStrictEqual(left, right)) return [];
  const [lefts, rights] = [children(left), children(right)];
  if (lefts === undefined || rights === undefined || Array.isArray(left) !== Array.isArray(right))
    return [path];
  return [...new Set([...lefts.keys(), ...rights.keys()])].flatMap((key) =>
    differences(
      lefts.get(key),
      rights.get(key),
      `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    ),
  );
}

function children(value: unknown): Map<string, unknown> | undefined {
  return Array.isArray(value) || isFields(value) ? new Map(Object.entries(value)) : undefined;
}
