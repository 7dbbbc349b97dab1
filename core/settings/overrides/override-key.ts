import { isGlob } from '../../text/glob.ts';
import type { Report } from '../words/problem.ts';

/** The kinds that an override speaks of; both may be globs. */
export type OverrideKey = { readonly group: string; readonly kind: string };

/** A key of the map form: `group/Kind`, or `Kind` for the core group. */
export function readMapKey(text: string, report: Report): OverrideKey | undefined {
  return keyOfParts(text.split('/'), text, 'group/Kind', report);
}

/** The end of a split key: `group_Kind`, `Kind` for the core group, `all` for everything. */
export function readSplitKey(text: string, report: Report): OverrideKey | undefined {
  if (text === 'all') return { group: '*', kind: '*' };
  return keyOfParts(text.split('_'), text, 'group_Kind', report);
}

function keyOfParts(
  parts: readonly string[],
  text: string,
  form: string,
  report: Report,
): OverrideKey | undefined {
  const [kind = '', group = ''] = parts.toReversed();
  if (parts.length > 2 || kind === '') {
    report(`names no kind by "${text}"; write ${form}, or Kind alone for the core group`);
    return undefined;
  }
  if (!isGlob(group) || !isGlob(kind)) {
    report(`names "${text}", which is no valid glob; correct it`);
    return undefined;
  }
  return { group, kind };
}

/** The key as the map form writes it. */
export function formatOverrideKey({ group, kind }: OverrideKey): string {
  return group === '' ? kind : `${group}/${kind}`;
}

/** Exact kinds first, then the globs that name more letters; the same order for the same keys. */
export function compareOverrideKeys(a: OverrideKey, b: OverrideKey): number {
  const [left, right] = [formatOverrideKey(a), formatOverrideKey(b)];
  return (
    Number(isPattern(left)) - Number(isPattern(right)) ||
    lettersOf(right) - lettersOf(left) ||
    (left < right ? -1 : Number(left > right))
  );
}

function isPattern(text: string): boolean {
  return /[*?[{\\]/.test(text);
}

function lettersOf(text: string): number {
  return isPattern(text) ? text.replaceAll(/[*?]|\[[^[\]]*\]/g, '').length : 0;
}
