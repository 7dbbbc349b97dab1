import type { ApplicationSpec } from '../spec/spec.ts';
import { hasMultipleSources } from './source.ts';

/** No resolved revision contains it: those are commits, chart versions and digests. */
const separator = ',';

/**
 * The revisions of all sources, in the order of the sources, as the one text by which renders and operations are told
 * apart. With one source it is that one's revision.
 */
export function joinRevisions(revisions: readonly string[]): string {
  return revisions.join(separator);
}

/** The revisions that a joined text was made of. */
export function splitRevisions(joined: string): string[] {
  return joined.split(separator);
}

/** A joined text with its commits shortened to seven characters, for people. */
export function shortRevisions(joined: string): string {
  return splitRevisions(joined)
    .map((revision) => (/^[0-9a-f]{40}$/.test(revision) ? revision.slice(0, 7) : revision))
    .join(`${separator} `);
}

/** Revisions in the words of the reference: `revisions` for the list form of a spec, `revision` for the single one. */
export type NamedRevisions = {
  readonly revision?: string | undefined;
  readonly revisions?: readonly string[] | undefined;
};

/** Names a joined text as the form of a spec wants it; nothing where there is none. */
export function nameRevisions(
  spec: ApplicationSpec,
  joined: string | null,
): { revision?: string; revisions?: string[] } {
  if (joined === null) return {};
  return hasMultipleSources(spec) ? { revisions: splitRevisions(joined) } : { revision: joined };
}

/** What a request asks for, by the position of the source; an empty text leaves a source its own. */
export function requestedRevisions({ revision, revisions }: NamedRevisions): readonly string[] {
  return revisions ?? (revision === undefined ? [] : [revision]);
}

/** The joined text of named revisions that are resolved; undefined where none is named. */
export function joinNamed(named: NamedRevisions): string | undefined {
  const revisions = requestedRevisions(named);
  return revisions.length === 0 ? undefined : joinRevisions(revisions);
}

/** Named revisions for people, commits shortened; undefined where none is named. */
export function shownRevisions(named: NamedRevisions): string | undefined {
  const joined = joinNamed(named);
  return joined === undefined ? undefined : shortRevisions(joined);
}
