import type { Doubt } from './object/manifest/read-manifests.ts';
import { someOf } from './text/some-of.ts';

/** What a warning begins with that says that a render lacks something, by what was done with that. */
const marks: Readonly<Record<Doubt['doubt'], string>> = {
  'left out': 'left out, as it can not be read: ',
  'passed over': 'passed over, as kubectl does: ',
};

const remedies: Readonly<Record<Doubt['doubt'], string>> = {
  'left out':
    '; correct it or, where it holds none, leave it out by directory.exclude or write ' +
    '+argocd:skip-file-rendering into it',
  'passed over': '',
};

/** The warning about what was not read of a source. */
export function doubtWarning({ path, message, doubt }: Doubt): string {
  return (
    `${marks[doubt]}${path} ${message}. Nothing is pruned meanwhile, since it may hold objects` +
    remedies[doubt]
  );
}

/** The warning about a file of options of which the reference reads less than was written. */
export function passedOverWarning(path: string, line: number): string {
  return (
    `${marks['passed over']}${path}:${line} stands behind the end of the document; remove it, or move it before. ` +
    'Nothing is pruned meanwhile, since it may say what to deploy'
  );
}

/** Why a render can't be trusted to be all that is desired, by its warnings; undefined when it can. */
export function whyUntrusted(warnings: readonly string[]): string | undefined {
  const reasons = warnings.flatMap((warning) => {
    const mark = Object.values(marks).find((one) => warning.startsWith(one));
    return mark === undefined ? [] : warning.slice(mark.length).split('. ', 1);
  });
  return reasons.length === 0 ? undefined : `the source could not be read in full: ${someOf(reasons, 1)}`;
}
