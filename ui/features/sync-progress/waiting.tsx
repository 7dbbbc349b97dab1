import { formatKey } from '../../../core/object/key.ts';
import type { WaitKind } from '../../../core/sync/operation/operation.ts';
import { openWaits, type StepProgress } from '../../../core/sync/progress.ts';
import type { OperationView, WaitView } from '../../../core/wire/operation.ts';
import { Icon, type IconName } from '../../components/icon.tsx';
import { clockText } from '../../state/time-text.ts';
import { ConfirmDeletion } from './confirm-deletion.tsx';
import { approvalOf } from './model/approval.ts';
import { Deadline } from './model/deadline.tsx';
import { quotesFailures } from './model/failed-objects.ts';

type WaitingProps = {
  readonly operation: OperationView;
  /** Its steps that failed. */
  readonly failed: readonly StepProgress[];
  readonly now: number;
};

const words: Readonly<Record<WaitKind, readonly [IconName, string]>> = {
  settle: ['hourglass', 'Waiting for the wave to settle'],
  hook: ['hook', 'Waiting for a hook'],
  deletion: ['trash', 'Waiting for a deletion'],
  retry: ['refresh', 'Waiting for another attempt'],
  session: ['cluster', 'Waiting for the cluster session'],
  cluster: ['cluster', 'Waiting for the cluster'],
  approval: ['user', 'Waiting for an approval'],
  window: ['hourglass', 'Waiting for a sync window'],
  render: ['hourglass', 'Waiting for Git and rendering'],
  worker: ['hourglass', 'Waiting for a worker'],
};

/** Why the operation stands still, since when, and until when at most. */
export function Waiting({ operation, failed, now }: WaitingProps) {
  const open = openWaits(operation);
  if (open.length === 0) return null;
  return (
    <ul className="waits" aria-label="Waiting for" aria-live="polite">
      {open.map((wait) => (
        <WaitLine
          key={`${wait.kind} ${wait.openedAt}`}
          operation={operation}
          failed={failed}
          wait={wait}
          now={now}
        />
      ))}
    </ul>
  );
}

type WaitLineProps = WaitingProps & { readonly wait: WaitView };

function WaitLine({ operation, failed, wait, now }: WaitLineProps) {
  const [icon, title] = words[wait.kind];
  const place = wait.phase === undefined ? '' : ` (${wait.phase}, wave ${wait.wave ?? 0})`;
  const approval = approvalOf(operation, wait);
  return (
    <li className="wait">
      <span className="wait-icon">
        <Icon name={icon} size={18} />
      </span>
      <div className="wait-text">
        <strong>
          {wait.kind === 'retry' ? `Waiting for attempt ${operation.attempt}` : title}
          {place}
        </strong>
        <p>{reasonOf(failed, wait)}</p>
        {approval === undefined ? (
          <AwaitedKeys wait={wait} />
        ) : (
          <ConfirmDeletion application={operation.application} approval={approval} />
        )}
      </div>
      <div className="wait-clock">
        <span title={new Date(wait.openedAt).toLocaleString()}>
          for {clockText(now - Date.parse(wait.openedAt))}
        </span>
        {wait.deadline === undefined ? null : (
          <Deadline word={wait.kind === 'retry' ? 'next attempt' : 'until'} at={wait.deadline} now={now} />
        )}
      </div>
    </li>
  );
}

/** Why a wait is, without what the failures below it say. */
function reasonOf(failed: readonly StepProgress[], { kind, reason }: WaitView): string {
  const told = kind === 'retry' && quotesFailures(failed, reason);
  return told ? (reason.split(': ', 1)[0] ?? reason) : reason;
}

function AwaitedKeys({ wait }: { readonly wait: WaitView }) {
  if (wait.keys.length === 0) return null;
  const shown = wait.keys.slice(0, 3).map(formatKey);
  const rest = wait.keys.length - shown.length;
  return (
    <p className="wait-keys mono">
      {shown.join(' · ')}
      {rest > 0 ? ` · ${rest} more` : ''}
    </p>
  );
}
