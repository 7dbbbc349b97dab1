import { lastAppliedAnnotation } from '../object/annotations.ts';
import { isFields } from '../object/check-manifest.ts';
import { formatJson, parseJson } from '../object/json.ts';
import type { Manifest } from '../object/manifest.ts';
import { encodeBase64 } from '../object/secret.ts';

/** An object as it is desired and as it is; either may be missing. */
export type ManifestPair = { readonly target?: Manifest | undefined; readonly live?: Manifest | undefined };

type Fields = Readonly<Record<string, unknown>>;

/** A place that holds values to hide, and how it looks with them hidden. */
type Shelf = { readonly values: Fields; readonly hide: (hidden: Fields) => void };

const shortestMask = 8;
const maskGrowth = 4;

/**
 * Hides the values of Secrets, and of the given annotations on any object, for people to look at. Equal values of a
 * key get equal marks and different ones different marks over target, live and both last-applied copies, so that
 * what differs stays visible. Everything else passes untouched.
 */
export function maskPair(pair: ManifestPair, annotations: readonly string[] = []): ManifestPair {
  const [target, live] = maskAll([pair.target, pair.live], annotations);
  return { target, live };
}

/** What a comparison shows: both sides as they are and as they were compared. */
export type ComparedStates = ManifestPair & {
  readonly normalized: Manifest | undefined;
  readonly predicted: Manifest | undefined;
};

/** The same over all states of a comparison. */
export function maskStates(states: ComparedStates, annotations: readonly string[] = []): ComparedStates {
  const { target: desired, live: current } = states;
  const all = [desired, current, states.normalized, states.predicted];
  const [target, live, normalized, predicted] = maskAll(all, annotations);
  return { target, live, normalized, predicted };
}

function maskAll(
  states: readonly (Manifest | undefined)[],
  annotations: readonly string[],
): (Manifest | undefined)[] {
  const secret = states.some((manifest) => manifest !== undefined && isSecret(manifest));
  if (!secret && annotations.length === 0) return [...states];
  const objects = states.map((manifest) =>
    manifest === undefined ? undefined : open(manifest, annotations, secret),
  );
  const copies = objects.map((object) => object?.lastApplied);
  const all = [...objects, ...copies].filter((object) => object !== undefined);
  if (secret) hide(all.map((object) => object.dataShelf));
  if (annotations.length > 0) hide(all.map((object) => object.annotationShelf));
  return objects.map((object) => object?.close());
}

/** Hides the values of one object. */
export function maskManifest(manifest: Manifest, annotations: readonly string[] = []): Manifest {
  return maskPair({ live: manifest }, annotations).live ?? manifest;
}

function isSecret(manifest: Manifest): boolean {
  return manifest.apiVersion === 'v1' && manifest.kind === 'Secret';
}

/** Replaces values shelf by shelf; the marks of a key grow with each new value. */
function hide(shelves: readonly Shelf[]): void {
  const marks = new Map<string, Map<string, string>>();
  for (const shelf of shelves) {
    const hidden: [string, unknown][] = Object.entries(shelf.values).map(([key, value]) => {
      const known = marks.get(key) ?? new Map<string, string>();
      marks.set(key, known);
      const text = String(value ?? '');
      const mark = known.get(text) ?? '+'.repeat(shortestMask + maskGrowth * known.size);
      known.set(text, mark);
      return [key, mark];
    });
    shelf.hide(Object.fromEntries(hidden));
  }
}

/** An object taken apart into what is hidden in it; `close` puts it together again. */
type Opened = {
  readonly dataShelf: Shelf;
  readonly annotationShelf: Shelf;
  readonly lastApplied: Opened | undefined;
  readonly close: () => Manifest;
};

/** Whether it holds secrets is told by all states together: a rule may have left out the kind or all metadata of one. */
function open(manifest: Manifest, hiddenAnnotations: readonly string[], holdsSecrets: boolean): Opened {
  const { data, stringData, ...rest } = manifest;
  let shown: Fields = holdsSecrets ? mergedData(data, stringData) : {};
  const annotations: Record<string, string> = { ...manifest.metadata?.annotations };
  const hadData = data !== undefined || stringData !== undefined;
  // Named by the settings it is hidden like any other annotation, and no part of it is shown.
  const isShown = !hiddenAnnotations.includes(lastAppliedAnnotation);
  const copy = isShown
    ? openLastApplied(annotations[lastAppliedAnnotation], hiddenAnnotations, holdsSecrets)
    : undefined;
  return {
    dataShelf: { values: shown, hide: (hidden) => (shown = hidden) },
    annotationShelf: {
      values: Object.fromEntries(
        Object.entries(annotations).filter(([name]) => hiddenAnnotations.includes(name)),
      ),
      hide: (hidden) => Object.assign(annotations, hidden),
    },
    lastApplied: copy?.opened,
    close: () => {
      if (copy !== undefined) annotations[lastAppliedAnnotation] = copy.close();
      const { metadata } = manifest;
      const noted = metadata?.annotations ? { metadata: { ...metadata, annotations } } : {};
      if (!holdsSecrets) return { ...manifest, ...noted };
      return { ...rest, ...noted, ...(hadData ? { data: shown } : {}) };
    },
  };
}

/** A copy that cannot be read might hold anything, so all of it is hidden. */
function openLastApplied(
  text: string | undefined,
  hiddenAnnotations: readonly string[],
  holdsSecrets: boolean,
): { opened: Opened | undefined; close: () => string } | undefined {
  if (text === undefined) return undefined;
  const parsed = parseManifest(text);
  if (parsed === undefined) {
    const mask = holdsSecrets || hiddenAnnotations.length > 0 ? '+'.repeat(shortestMask) : text;
    return { opened: undefined, close: () => mask };
  }
  const opened = open(parsed, hiddenAnnotations, holdsSecrets);
  return { opened, close: () => formatJson(opened.close()) };
}

function parseManifest(text: string): Manifest | undefined {
  try {
    const value: unknown = parseJson(text);
    if (!isFields(value) || !isFields(value['metadata'])) return undefined;
    const { apiVersion, kind, metadata } = value;
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
    return { ...value, apiVersion, kind, metadata };
  } catch {
    // Safe: anybody can write this annotation, and what cannot be read is hidden as a whole.
    return undefined;
  }
}

/** stringData is data that is not encoded yet; encoded, it compares equal to what the cluster holds. */
function mergedData(data: unknown, stringData: unknown): Fields {
  const encoded = Object.entries(isFields(stringData) ? stringData : {}).map(([key, value]) => [
    key,
    encodeBase64(String(value ?? '')),
  ]);
  return { ...(isFields(data) ? data : {}), ...Object.fromEntries(encoded) };
}
