import { useState } from 'react';
import { formatKey } from '../../../core/object/key.ts';
import type { StepProgress } from '../../../core/sync/progress.ts';
import { Icon } from '../../components/icon.tsx';
import { KindMark } from '../../components/kind-mark.tsx';
import { StateIcon } from './state-icon.tsx';

/** A wave of more steps than this folds the ones that ended well, so that those that matter stay in view. */
const foldAbove = 30;

type StepChipsProps = {
  readonly steps: readonly StepProgress[];
  readonly selected: number | undefined;
  readonly onSelect: (step: number) => void;
};

/** The steps of one wave as chips. */
export function StepChips({ steps, selected, onSelect }: StepChipsProps) {
  const [unfolded, setUnfolded] = useState(false);
  const folds = steps.length > foldAbove && !unfolded;
  const quiet = folds ? steps.filter((step) => step.state === 'done' || step.state === 'pending') : [];
  const hidden = new Set(quiet.length > foldAbove / 2 ? quiet.map((step) => step.step) : []);
  const done = quiet.filter((step) => step.state === 'done').length;
  return (
    <div className="chips">
      {steps
        .filter((step) => !hidden.has(step.step))
        .map((step) => (
          <Chip key={step.step} step={step} selected={step.step === selected} onSelect={onSelect} />
        ))}
      {hidden.size === 0 ? null : (
        <button type="button" className="chip chip-more" onClick={() => setUnfolded(true)}>
          {done} done, {hidden.size - done} pending: show all
        </button>
      )}
    </div>
  );
}

type ChipProps = {
  readonly step: StepProgress;
  readonly selected: boolean;
  readonly onSelect: (step: number) => void;
};

function Chip({ step, selected, onSelect }: ChipProps) {
  const action = actionWords[step.action];
  const what = `${formatKey(step.key)}: ${action === '' ? '' : `${action}, `}${step.state}`;
  const removes = step.action === 'prune';
  return (
    <button
      type="button"
      className={`chip chip-${step.state}${step.hook ? ' chip-hook' : ''}${removes ? ' chip-prune' : ''}`}
      title={step.message ? `${what}\n${step.message}` : what}
      aria-label={what}
      aria-pressed={selected}
      onClick={() => onSelect(step.step)}
    >
      <StateIcon state={step.state} />
      <KindMark kind={step.key.kind} />
      <span className="chip-name">{step.key.name}</span>
      {step.hook ? (
        <span className="chip-sign">
          <Icon name="hook" size={14} />
        </span>
      ) : null}
      {removes ? (
        <span className="chip-sign">
          <Icon name="trash" size={14} />
        </span>
      ) : null}
    </button>
  );
}

/** What a step does where it is not the usual apply. */
export const actionWords: Readonly<Record<StepProgress['action'], string>> = {
  apply: '',
  'create-hook': 'hook',
  'create-namespace': 'create namespace',
  prune: 'prune',
  'skip-prune': 'left in place',
};
