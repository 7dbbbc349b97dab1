import { ownField } from '../../own-field.ts';
import { someOf } from '../../text/some-of.ts';
import { isFields } from './check-manifest.ts';
import type { Manifest } from './manifest.ts';

/** Fields of core kinds that hold bytes as base64, with the field beside it that takes plain text. */
const encoded: Readonly<Record<string, { readonly field: string; readonly plain: string }>> = {
  ConfigMap: { field: 'binaryData', plain: 'data' },
  Secret: { field: 'data', plain: 'stringData' },
};

/**
 * What is wrong with the bytes of a Secret or ConfigMap; undefined where nothing is. API servers quote the value instead
 * of its key, or answer with a fault, so that nobody could be told which value it is.
 */
export function encodedDataProblem({ apiVersion, kind, ...manifest }: Manifest): string | undefined {
  const place = apiVersion === 'v1' ? ownField(encoded, kind) : undefined;
  if (place === undefined) return undefined;
  const bytes = entriesOf(ownField(manifest, place.field));
  const unread = bytes.filter(([, value]) => typeof value === 'string' && !isBase64(value));
  if (unread.length > 0) {
    return `${named(place.field, unread)} is no base64; encode it, or put the plain text under ${place.plain}`;
  }
  for (const field of [place.field, place.plain]) {
    const others = entriesOf(ownField(manifest, field)).filter(
      ([, value]) => value !== null && typeof value !== 'string',
    );
    if (others.length > 0) return `${named(field, others)} is no text; put it in quotes`;
  }
  return undefined;
}

function entriesOf(value: unknown): [string, unknown][] {
  return isFields(value) ? Object.entries(value) : [];
}

const mostNamed = 5;

function named(field: string, entries: readonly [string, unknown][]): string {
  const keys = entries.map(([key]) => `${field}["${key}"]`);
  return someOf(keys, mostNamed);
}

/** As API servers read it: with its padding, and with line ends anywhere. */
function isBase64(text: string): boolean {
  const packed = text.replace(/[\r\n]/g, '');
  return packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed);
}
