import type { ApplicationSource } from '../../../core/application/source/source-spec.ts';
import { isSameRepository } from '../../../core/git/webhook.ts';
import { renderFailure } from '../failure.ts';
import type { RefSource, Rendering } from '../request.ts';

/** The files of a source that may lie in another source: value files and file parameters. */
function candidates(source: ApplicationSource): string[] {
  const { valueFiles = [], fileParameters = [] } = source.helm ?? {};
  return [...valueFiles, ...fileParameters.map(({ path }) => path)];
}

/** The name of the source that a path begins with: `values` of `$values/prod.yaml`. */
export function refName(path: string): string | undefined {
  return path.startsWith('$') ? path.slice(1).split('/', 1)[0] : undefined;
}

/** Names of the sources whose files a source refers to. */
export function mentionedRefs(source: ApplicationSource): string[] {
  return candidates(source).flatMap((path) => refName(path) ?? []);
}

/**
 * Checks what a source refers to: each name is a source's, and one repository is read at one revision only. In an
 * application of the single form nothing is a reference, a leading dollar sign begins a build variable.
 */
export function checkRefs(rendering: Rendering): void {
  const { refs, source } = rendering;
  if (refs === undefined) return;
  const seen: { readonly name: string; readonly ref: RefSource }[] = [];
  for (const name of mentionedRefs(source)) {
    const ref = knownRef(rendering, refs, name);
    const before = seen.find((one) => isSameRepository(one.ref.repoURL, ref.repoURL));
    if (before === undefined) {
      checkOwnRevision(rendering, name, ref);
      seen.push({ name, ref });
    } else if ((before.ref.targetRevision ?? '') !== (ref.targetRevision ?? '')) {
      throw renderFailure(
        rendering,
        `cannot reference multiple revisions for the same repository ($${name} references "${ref.targetRevision ?? ''}" while $${before.name} references "${before.ref.targetRevision ?? ''}"); give both the same targetRevision`,
      );
    }
  }
}

function knownRef(rendering: Rendering, refs: ReadonlyMap<string, RefSource>, name: string): RefSource {
  const ref = refs.get(name);
  if (ref === undefined) {
    const problem =
      refs.size === 0
        ? "but no source has a 'ref' field defined"
        : `which is not one of the available sources (${[...refs.keys()]
            .sort()
            .map((key) => `$${key}`)
            .join(', ')})`;
    throw renderFailure(
      rendering,
      `source referenced "$${name}", ${problem}; set ref: ${name} on the source that has the file, or correct the path`,
    );
  }
  if (ref.chart) {
    throw renderFailure(
      rendering,
      `source has a 'chart' field defined, but Helm charts are not supported for 'ref' sources; take the file for $${name} from a Git repository`,
    );
  }
  return ref;
}

function checkOwnRevision(rendering: Rendering, name: string, ref: RefSource): void {
  const { source, application } = rendering;
  if (source.chart || !isSameRepository(source.repoURL, ref.repoURL)) return;
  if (ref.revision === application.revision) return;
  throw renderFailure(
    rendering,
    `cannot reference a different revision of the same repository ($${name} references "${ref.targetRevision ?? ''}" which resolves to "${ref.revision}" while the application references "${source.targetRevision ?? ''}" which resolves to "${application.revision}"); give both sources the same targetRevision`,
  );
}
