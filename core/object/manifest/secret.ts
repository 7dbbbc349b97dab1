import { isFields } from './check-manifest.ts';
import type { Manifest } from './manifest.ts';

/**
 * A Secret with its `stringData` moved into `data`, as the API server stores it; other objects as they are. Sent in
 * this form, a value that leaves Git leaves the cluster too: nobody owns `data` that came by way of `stringData`.
 */
export function encodeSecret(manifest: Manifest): Manifest {
  if (manifest.apiVersion !== 'v1' || manifest.kind !== 'Secret') return manifest;
  const { data, stringData, ...rest } = manifest;
  const values = {
    ...(isFields(data) ? data : {}),
    ...Object.fromEntries(
      Object.entries(isFields(stringData) ? stringData : {}).map(([name, text]) => [
        name,
        encodeBase64(String(text ?? '')),
      ]),
    ),
  };
  const hasValues = isFields(data) || isFields(stringData);
  if (!hasValues) return manifest;
  const written = Object.entries(values).map(([name, value]) => [name, value ?? '']);
  return { ...rest, data: Object.fromEntries(written) };
}

/** UTF-8 text as base64. */
export function encodeBase64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** The UTF-8 text that base64 holds; undefined for what is no base64 or no text. */
export function decodeBase64(text: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(text.replace(/\s+/g, '')), (letter) => letter.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not base64, or bytes that are no text: the caller says so without repeating them.
    return undefined;
  }
}
