import { lastAppliedAnnotation } from '../../object/annotations.ts';
import { formatJson, parseJson } from '../../object/json/json.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { decodeBase64, encodeBase64 } from '../../object/manifest/secret.ts';
import { ownField } from '../../own-field.ts';
import { checkDepth } from '../../yaml/json-text.ts';
import { divideSecret, type HiddenPart, isHarmless } from './harmless.ts';

/** An object as it is desired and as it is; either may be missing. */
export type ManifestPair = { readonly target?: Manifest | undefined; readonly live?: Manifest | undefined };

type Fields = Readonly<Record<string, unknown>>;

/** A place that holds values to hide, and how it looks with them hidden. */
type Shelf = { readonly values: Fields; readonly hide: (hidden: Fields) => void };

const shortestMask = 8;
const maskGrowth = 4;

/**
 * Hides the values of Secrets, and of the given annotations on any object, for people to look at. Of a Secret only what
 * is known to hold none of its values is shown. Equal values of a key get equal marks and different ones different marks
 * over target, live and both last-applied copies, so that what differs stays visible. Other objects pass untouched.
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
  const veil: Veil = { annotations, values: secret ? states.flatMap(secretTexts) : undefined };
  const objects = states.map((manifest) => (manifest === undefined ? undefined : open(manifest, veil)));
  const copies = objects.map((object) => object?.lastApplied);
  const all = [...objects, ...copies].filter((object) => object !== undefined);
  hide(all.map((object) => object.dataShelf));
  hide(all.map((object) => object.partShelf));
  hide(all.map((object) => object.annotationShelf));
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
      const text = typeof value === 'object' ? formatJson(value) : String(value ?? '');
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
  /** Fields and labels of a Secret that may hold a value. */
  readonly partShelf: Shelf;
  readonly lastApplied: Opened | undefined;
  readonly close: () => Manifest;
};

/**
 * What is to be hidden: annotations by name and, where values are given, all of a Secret that isn't known to hold none.
 * That it is one is told by all states together: a rule may have left out the kind or all metadata of one.
 */
type Veil = { readonly annotations: readonly string[]; readonly values: readonly string[] | undefined };

function open(manifest: Manifest, veil: Veil, isCopy = false): Opened {
  const { values } = veil;
  const { data, stringData, ...fields } = manifest;
  const isData = isDataMap(data) && isDataMap(stringData);
  let shownData: Fields = values !== undefined && isData ? mergedData(data, stringData) : {};
  const hadData = data !== undefined || stringData !== undefined;
  const { shown, hidden } =
    values === undefined
      ? { shown: manifest, hidden: [] }
      : divideSecret(isData ? fields : { ...fields, data: [data, stringData] }, values);
  let parts: Fields = Object.fromEntries(hidden.map((part) => [nameOf(part), part.value]));
  const given = isFields(manifest.metadata?.annotations) ? manifest.metadata.annotations : undefined;
  const annotations: Record<string, string> = { ...given };
  const copy = openLastApplied(annotations[lastAppliedAnnotation], veil, isCopy);
  const isHidden = ([name, value]: [string, unknown]): boolean =>
    veil.annotations.includes(name) ||
    (values !== undefined && name !== lastAppliedAnnotation && !isHarmless(value, values));
  return {
    dataShelf: { values: shownData, hide: (marks) => (shownData = marks) },
    partShelf: { values: parts, hide: (marks) => (parts = marks) },
    annotationShelf: {
      values: Object.fromEntries(Object.entries(annotations).filter(isHidden)),
      hide: (marks) => Object.assign(annotations, marks),
    },
    lastApplied: copy?.opened,
    close: () => {
      if (copy !== undefined) annotations[lastAppliedAnnotation] = copy.close();
      const whole = given === undefined ? shown : withField(shown, ['metadata', 'annotations'], annotations);
      const marked = hidden.reduce<Fields>(
        (fields, part) => withField(fields, part.path, ownField(parts, nameOf(part))),
        whole,
      );
      const closed = values !== undefined && isData && hadData ? { ...marked, data: shownData } : marked;
      return closed as Manifest;
    },
  };
}

const nameOf = ({ path }: HiddenPart): string => path.join('\0');

function withField(fields: Fields, [name = '', ...rest]: readonly string[], value: unknown): Fields {
  if (rest.length === 0) return { ...fields, [name]: value };
  const inner = ownField(fields, name);
  return { ...fields, [name]: withField(isFields(inner) ? inner : {}, rest, value) };
}

/** A copy that cannot be read might hold anything, so all of it is hidden, and so is a copy in a copy. */
function openLastApplied(
  text: string | undefined,
  veil: Veil,
  isCopy: boolean,
): { opened: Opened | undefined; close: () => string } | undefined {
  // Named by the settings it is hidden like any other annotation, and no part of it is shown.
  if (text === undefined || veil.annotations.includes(lastAppliedAnnotation)) return undefined;
  const parsed = isCopy ? undefined : parseManifest(text);
  if (parsed === undefined) return { opened: undefined, close: () => '+'.repeat(shortestMask) };
  const opened = open(parsed, veil, true);
  return { opened, close: () => formatJson(opened.close()) };
}

const isDataMap = (data: unknown): boolean => data === undefined || data === null || isFields(data);

/** The values of a Secret and of the copy of it, as they are and as base64. */
function secretTexts(manifest: Manifest | undefined): string[] {
  if (manifest === undefined) return [];
  const copy = parseManifest(manifest.metadata?.annotations?.[lastAppliedAnnotation] ?? '');
  const own = Object.values(mergedData(manifest['data'], manifest['stringData'])).flatMap((value) => {
    const encoded = String(value ?? '');
    const decoded = decodeBase64(encoded);
    return decoded === undefined ? [encoded] : [encoded, decoded];
  });
  return [...own, ...(copy === undefined ? [] : secretTexts(copy))].filter((text) => text !== '');
}

function parseManifest(text: string): Manifest | undefined {
  try {
    const value: unknown = parseJson(text);
    checkDepth(value);
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
