import { checkDepth } from '../yaml/json-text.ts';
import { lastAppliedAnnotation } from './annotations.ts';
import { parseJson } from './json/json.ts';
import { isFields } from './manifest/check-manifest.ts';
import type { Manifest } from './manifest/manifest.ts';

/** The object as it was last applied by somebody who leaves it in kubectl's annotation; undefined without a readable one. */
export function lastApplied(live: Manifest): Readonly<Record<string, unknown>> | undefined {
  const text = live.metadata.annotations?.[lastAppliedAnnotation];
  if (text === undefined) return undefined;
  try {
    const value: unknown = parseJson(text);
    checkDepth(value);
    return isFields(value) ? value : undefined;
  } catch {
    // Safe: anybody can write this annotation. Without it nothing counts as written before but what owners tell.
    return undefined;
  }
}
