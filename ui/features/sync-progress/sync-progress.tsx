import { useMemo, useState } from 'react';
import { isFinished } from '../../../core/sync/operation/operation.ts';
import { openWaits, progressOf } from '../../../core/sync/progress.ts';
import type { OperationView } from '../../../core/wire/operation.ts';
import { Icon } from '../../components/icon.tsx';
import { RevisionTag } from '../../components/revision-tag.tsx';
import { PhaseBadge } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import { applicationPath } from '../../location.ts';
import { successorOf } from '../../model/successor.ts';
import { Link } from '../../router.tsx';
import { clockText, durationText, spanOf } from '../../state/time-text.ts';
import { useNow } from '../../state/use-now.ts';
import { Failures } from './failures.tsx';
import { Deadline } from './model/deadline.tsx';
import { failedSteps } from './model/failed-objects.ts';
import { type Stage, stagesOf } from './model/stages.ts';
import { PhaseColumn } from './phase-column.tsx';
import { StepFacts } from './step-facts.tsx';
import { Waiting } from './waiting.tsx';

type SyncProgressProps = { readonly operation: OperationView; readonly onClose: (() => void) | undefined };

/** One operation drawn phase by phase, wave by wave; moves by itself while the operation runs. */
export function SyncProgress({ operation, onClose }: SyncProgressProps) {
  const running = !isFinished(operation.phase);
  const now = useNow(running);
  const [selected, setSelected] = useState<number>();
  // The clock draws it anew each second, and nothing of this has changed then.
  const progress = useMemo(() => progressOf(operation), [operation]);
  const failed = failedSteps(progress);
  // Hooks for a failure that didn't come are no part of the story.
  const stages = stagesOf(progress).filter(({ phase, state }) => phase !== 'SyncFail' || state !== 'skipped');
  const step = operation.steps.find((one) => one.step === selected);
  return (
    <section className={`sync sync-${operation.phase}`} aria-label="Sync progress">
      <Head operation={operation} stages={stages} now={now} onClose={onClose} />
      <Waiting operation={operation} failed={failed} now={now} />
      <Failures operation={operation} failed={failed} />
      <TakenOver operation={operation} />
      {stages.length === 0 ? (
        <Preparing operation={operation} running={running} />
      ) : (
        <div className="phases">
          {stages.map((stage) => (
            <PhaseColumn
              key={stage.phase}
              stage={stage}
              now={now}
              muted={stage.phase === 'SyncFail' && stage.state === 'pending'}
              selected={selected}
              onSelect={(number) => setSelected(number === selected ? undefined : number)}
            />
          ))}
        </div>
      )}
      {step === undefined ? null : <StepFacts step={step} now={now} onClose={() => setSelected(undefined)} />}
      <Foot operation={operation} />
    </section>
  );
}

type HeadProps = {
  readonly operation: OperationView;
  readonly stages: readonly Stage[];
  readonly now: number;
  readonly onClose: (() => void) | undefined;
};

function Head({ operation, stages, now, onClose }: HeadProps) {
  const counted = stages.filter((stage) => stage.phase !== 'SyncFail');
  const total = counted.reduce((sum, stage) => sum + stage.total, 0);
  const done = counted.reduce((sum, stage) => sum + stage.done, 0);
  const elapsed = spanOf(operation.startedAt ?? operation.requestedAt, operation.finishedAt, now) ?? 0;
  const { limit } = operation.request.retry;
  return (
    <header className="sync-head">
      <div className="sync-title">
        <h2>{titleOf(operation)}</h2>
        <PhaseBadge phase={operation.phase} />
        {operation.attempt > 1 || limit !== 0 ? (
          <span className="tag">
            attempt {operation.attempt}
            {limit > 0 ? ` of ${limit + 1}` : ''}
          </span>
        ) : null}
        <RevisionTag named={operation} />
      </div>
      <div className="sync-clock">
        {total === 0 ? null : (
          <span>
            <strong>{done}</strong> of {total} {total === 1 ? 'step' : 'steps'}
          </span>
        )}
        <span className="clock" title="Time since the operation started">
          {operation.finishedAt === undefined ? clockText(elapsed) : durationText(elapsed)}
        </span>
        {operation.deadline === undefined || operation.finishedAt !== undefined ? null : (
          <span className="sync-deadline faint">
            <Deadline word="must end by" at={operation.deadline} now={now} />
          </span>
        )}
        {onClose === undefined ? null : (
          <button
            type="button"
            className="icon-button"
            aria-label="Hide the sync"
            title="Hide the sync"
            onClick={onClose}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
      <progress className="sync-bar" max={Math.max(total, 1)} value={done} aria-label="Steps done" />
    </header>
  );
}

function TakenOver({ operation }: { readonly operation: OperationView }) {
  const successor = successorOf(operation);
  if (successor === undefined) return null;
  return (
    <p className="sync-note">
      Taken over by{' '}
      <Link
        to={applicationPath(`${operation.namespace}/${operation.application}`, { operation: successor.id })}
      >
        {successor.text}
      </Link>
    </p>
  );
}

function titleOf(operation: OperationView): string {
  if (operation.kind === 'delete') return 'Deletion';
  return operation.request.dryRun ? 'Dry run' : 'Sync';
}

function Preparing({ operation, running }: { readonly operation: OperationView; readonly running: boolean }) {
  if (!running) return <p className="sync-note faint">{endedEarly(operation)}</p>;
  // What it waits for stands above.
  if (openWaits(operation).length > 0) return null;
  return (
    <p className="sync-note" role="status">
      <Icon name="spinner" spin />{' '}
      {operation.phase === 'Requested'
        ? 'Recorded; a worker is about to take it up.'
        : operation.kind === 'delete'
          ? 'Finding the objects and making the plan.'
          : 'Reading Git, rendering the manifests and making the plan.'}
    </p>
  );
}

function endedEarly(operation: OperationView): string {
  if (operation.phase === 'Succeeded') return 'There was nothing to do.';
  return 'It ended before there was a plan, so nothing was changed in the cluster.';
}

/** Parts of a sync in the order in which they come. */
const timingWords: Readonly<Record<string, string>> = {
  resolve: 'resolve revision',
  render: 'render',
  plan: 'plan',
  apply: 'apply',
  settle: 'settle',
};

function Foot({ operation }: { readonly operation: OperationView }) {
  const order = Object.keys(timingWords);
  const timings = Object.entries(operation.timings).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  return (
    <footer className="sync-foot faint">
      <span>
        by {operation.initiatedBy.automated ? 'automated sync' : operation.initiatedBy.username || 'unknown'},{' '}
        <Ago time={operation.requestedAt} />
      </span>
      {operation.request.breakGlass === undefined ? null : (
        <span>in spite of sync windows: {operation.request.breakGlass.reason}</span>
      )}
      {timings.map(([part, milliseconds]) => (
        <span key={part}>
          {timingWords[part] ?? part} {durationText(milliseconds)}
        </span>
      ))}
    </footer>
  );
}
