import type { ManifestIssue } from './object/read-manifests.ts';

/** What a warning begins with that says that a render lacks what could not be read. */
const mark = 'left out, as it can not be read: ';

/** The warning about a file that was left out of a render. */
export function leftOutWarning({ path, message }: ManifestIssue): string {
  return (
    `${mark}${path} ${message}. Nothing is pruned meanwhile, since it may hold objects; correct it or, where it holds ` +
    'none, leave it out by directory.exclude or write +argocd:skip-file-rendering into it'
  );
}

/** Why a render can't be trusted to be all that is desired, by its warnings; undefined when it can. */
export function whyUntrusted(warnings: readonly string[]): string | undefined {
  const [first, ...more] = warnings
    .filter((warning) => warning.startsWith(mark))
    .map((warning) => warning.slice(mark.length).split('. ', 1)[0]);
  if (first === undefined) return undefined;
  return `the source could not be read in full: ${first}${more.length === 0 ? '' : ` and ${more.length} more`}`;
}
