import { foreignPattern } from '../../rbac/foreign-pattern.ts';
import { isGlob, matchesGlob } from '../../text/glob.ts';

/** Whether a pattern of namespaces fits one: a glob or, between slashes, a regular expression. */
export function fitsNamespace(pattern: string, namespace: string): boolean {
  const expression = expressionOf(pattern);
  if (expression === undefined) return matchesGlob(pattern, namespace);
  return foreignPattern(expression)?.test(namespace) === true;
}

/** Why a pattern of namespaces can't be read; undefined when it can. */
export function namespacePatternFault(pattern: string): string | undefined {
  const expression = expressionOf(pattern);
  if (expression === undefined) return isGlob(pattern) ? undefined : unreadablePattern(pattern);
  if (foreignPattern(expression) !== undefined) return undefined;
  return `${pattern.slice(0, 100)} is not a regular expression; correct it, or write a glob`;
}

/** What is to be said of a glob that can't be read. */
export function unreadablePattern(pattern: string): string {
  return `"${pattern.slice(0, 100)}" is not a pattern; close its brackets and write its ranges upwards`;
}

/** What stands between the slashes of a pattern; undefined for a glob. */
function expressionOf(pattern: string): string | undefined {
  return pattern.length > 2 && pattern.startsWith('/') && pattern.endsWith('/')
    ? pattern.slice(1, -1)
    : undefined;
}
