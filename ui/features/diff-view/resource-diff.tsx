import { useState } from 'react';
import type { ResourceDiff } from '../../../core/wire/diff.ts';
import { KindMark } from '../../components/kind-mark.tsx';
import { LineDiff } from './line-diff-view.tsx';
import { manifestText, predictedText } from './manifest-text.ts';

/** Live against predicted state of one object. */
export function ResourceDiffView({ diff, open }: { readonly diff: ResourceDiff; readonly open: boolean }) {
  const [whole, setWhole] = useState(false);
  const { before, after } = sidesOf(diff);
  return (
    <details className="diff" open={open}>
      <summary>
        <KindMark kind={diff.kind} />
        <span className="diff-name">
          {diff.kind} {diff.namespace ? `${diff.namespace}/` : ''}
          {diff.name}
        </span>
        <span className="tag">{changeWord(before, after)}</span>
      </summary>
      <div className="diff-tools">
        <button type="button" className="text-button" aria-pressed={whole} onClick={() => setWhole(!whole)}>
          {whole ? 'only the changes' : 'whole object'}
        </button>
      </div>
      <LineDiff before={before} after={after} context={whole ? Number.POSITIVE_INFINITY : 3} />
    </details>
  );
}

/** Whether a sync would change the object. */
export function isDifferent(diff: ResourceDiff): boolean {
  // An object that only the cluster has is not modified; it waits to be pruned.
  if (isAbsent(diff.targetState)) return !isAbsent(diff.liveState);
  const { before, after } = sidesOf(diff);
  return diff.modified ?? before !== after;
}

function sidesOf(diff: ResourceDiff): { readonly before: string; readonly after: string } {
  const live = diff.normalizedLiveState ?? diff.liveState;
  const wanted = isAbsent(diff.targetState)
    ? diff.targetState
    : (diff.predictedLiveState ?? diff.targetState);
  return { before: manifestText(live, { full: false }), after: predictedText(live, wanted) };
}

function isAbsent(state: string | undefined): boolean {
  return state === undefined || state === '' || state === 'null';
}

function changeWord(before: string, after: string): string {
  if (before === '') return 'will be created';
  if (after === '') return 'will be pruned';
  return before === after ? 'no difference' : 'will change';
}
