import { formatKey } from '../../../core/object/key.ts';
import type { StepView } from '../../../core/wire/operation.ts';
import { IconButton } from '../../components/button.tsx';
import { durationText, spanOf } from '../../state/time-text.ts';
import { adviceFor } from './model/remedy.ts';
import { actionWords } from './step-chips.tsx';

type StepFactsProps = { readonly step: StepView; readonly now: number; readonly onClose: () => void };

/** All that is known about one step. */
export function StepFacts({ step, now, onClose }: StepFactsProps) {
  const span = spanOf(step.startedAt, step.finishedAt, now);
  const { what, remedy } = adviceFor(step.message ?? '');
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Action', actionWords[step.action] || 'apply'],
    ['Strategy', step.strategy],
    ['API version', step.apiVersion],
    ['Phase, wave', `${step.phase}, ${step.wave}`],
    ['Result', step.status],
    ['State', step.hookPhase],
    ['Took', span === undefined ? undefined : durationText(span)],
    ['Message', what === '' ? undefined : what],
    ['What to do', remedy],
  ];
  return (
    <div className="step-facts" aria-live="polite">
      <header>
        <strong className="mono">{formatKey(step.key)}</strong>
        <IconButton icon="close" label="Close the step" onClick={onClose} />
      </header>
      <dl className="facts">
        {facts.map(([name, value]) =>
          value === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
    </div>
  );
}
