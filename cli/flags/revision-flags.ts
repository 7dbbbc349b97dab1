import type { Command } from 'commander';
import { KeelsonError } from '../../core/errors.ts';
import type { RevisionChoice } from '../../core/wire/requests/applications.ts';
import { collectList } from './flag-value.ts';

/** Flags that name other revisions than the target revisions. */
export type RevisionFlags = {
  readonly revision?: string;
  readonly revisions?: readonly string[];
  readonly sourcePositions?: readonly string[];
};

/** Adds the flags by which one looks at other revisions. */
export function addRevisionFlags(command: Command): void {
  command
    .option('--revision <revision>', 'this revision instead of the target revision')
    .option('--revisions <revisions>', 'revisions of several sources; may be repeated', collectList)
    .option('--source-positions <positions>', 'their positions, from 1; may be repeated', collectList);
}

/** The revisions that the flags name. */
export function revisionChoice({ revision, revisions, sourcePositions }: RevisionFlags): RevisionChoice {
  if ((revisions?.length ?? 0) !== (sourcePositions?.length ?? 0)) {
    throw new KeelsonError(
      'invalid-argument',
      '--revisions and --source-positions differ in length; give one position for each revision',
    );
  }
  return { revision, revisions, sourcePositions };
}
