import { type GroupProgress, isMoving } from '../../../core/sync/progress.ts';
import { durationText, spanOf } from '../../state/time-text.ts';
import type { Stage } from './model/stages.ts';
import { StateIcon } from './state-icon.tsx';
import { StepChips } from './step-chips.tsx';

type PhaseColumnProps = {
  readonly stage: Stage;
  readonly now: number;
  readonly muted: boolean;
  readonly selected: number | undefined;
  readonly onSelect: (step: number) => void;
};

/** One phase as a column: its waves from top to bottom in the order in which they run. */
export function PhaseColumn({ stage, now, muted, selected, onSelect }: PhaseColumnProps) {
  return (
    <section
      className={`phase phase-${stage.state}${muted ? ' phase-muted' : ''}`}
      style={{ flexGrow: muted ? 0.8 : widthOf(stage) }}
      aria-label={`${stage.phase}: ${stage.state}`}
    >
      <header className="phase-head">
        <StateIcon state={stage.state} />
        <h3>{stage.phase}</h3>
        <span className="phase-count">{muted ? 'if it fails' : `${stage.done}/${stage.total}`}</span>
      </header>
      <ol className="waves">
        {stage.waves.map((wave) => (
          <WaveCard key={wave.wave} wave={wave} now={now} selected={selected} onSelect={onSelect} />
        ))}
      </ol>
    </section>
  );
}

type WaveCardProps = {
  readonly wave: GroupProgress;
  readonly now: number;
  readonly selected: number | undefined;
  readonly onSelect: (step: number) => void;
};

function WaveCard({ wave, now, selected, onSelect }: WaveCardProps) {
  const span = spanOf(wave.startedAt, wave.finishedAt, now);
  const moving = isMoving(wave);
  return (
    <li className={`wave wave-${wave.state}`} aria-current={moving ? 'step' : undefined}>
      <div className="wave-head">
        <StateIcon state={wave.state} />
        <h4>Wave {wave.wave}</h4>
        <span className="wave-word">{wave.state}</span>
        <span className="wave-time">
          {span === undefined || (wave.finishedAt === undefined && !moving) ? '' : durationText(span)}
        </span>
      </div>
      <StepChips steps={wave.steps} selected={selected} onSelect={onSelect} />
    </li>
  );
}

/** Phases with more steps get more room, within reason. */
function widthOf(stage: Stage): number {
  const widest = Math.max(1, ...stage.waves.map((wave) => wave.steps.length));
  return Math.min(2, 1 + Math.log2(widest) / 3);
}
