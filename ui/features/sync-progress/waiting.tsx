import { formatKey } from '../../../core/object/key.ts';
import {
  isFinished,
  type OperationView,
  type WaitKind,
  type WaitView,
} from '../../../core/sync/operation.ts';
import { Icon, type IconName } from '../../components/icon.tsx';
import { clockText } from '../../state/time-text.ts';

type WaitingProps = { readonly operation: OperationView; readonly now: number };

const words: Readonly<Record<WaitKind, readonly [IconName, string]>> = {
  settle: ['hourglass', 'Waiting for the wave to settle'],
  hook: ['hook', 'Waiting for a hook'],
  deletion: ['trash', 'Waiting for a deletion'],
  retry: ['refresh', 'Waiting for the next attempt'],
  session: ['cluster', 'Waiting for the cluster session'],
  approval: ['user', 'Waiting for an approval'],
  window: ['pause', 'Waiting for a sync window'],
  render: ['hourglass', 'Waiting for Git and rendering'],
  worker: ['hourglass', 'Waiting for a worker'],
};

/** Why the operation stands still, since when, and until when at most. */
export function Waiting({ operation, now }: WaitingProps) {
  if (isFinished(operation.phase)) return null;
  const open = operation.waits.filter((wait) => wait.closedAt === undefined);
  if (open.length === 0) return null;
  return (
    <ul className="waits" aria-label="Waiting for" aria-live="polite">
      {open.map((wait) => (
        <WaitLine key={`${wait.kind} ${wait.openedAt}`} wait={wait} now={now} />
      ))}
    </ul>
  );
}

function WaitLine({ wait, now }: { readonly wait: WaitView; readonly now: number }) {
  const [icon, title] = words[wait.kind];
  const place = wait.phase === undefined ? '' : ` (${wait.phase}, wave ${wait.wave ?? 0})`;
  const more = wait.keys.slice(0, 3).map(formatKey);
  const rest = wait.keys.length - more.length;
  return (
    <li className="wait">
      <span className="wait-icon">
        <Icon name={icon} size={18} />
      </span>
      <div className="wait-text">
        <strong>
          {title}
          {place}
        </strong>
        <p>{wait.reason}</p>
        {more.length === 0 ? null : (
          <p className="wait-keys mono">
            {more.join(' · ')}
            {rest > 0 ? ` · ${rest} more` : ''}
          </p>
        )}
      </div>
      <div className="wait-clock">
        <span title={new Date(wait.openedAt).toLocaleString()}>
          for {clockText(now - Date.parse(wait.openedAt))}
        </span>
        {wait.deadline === undefined ? null : <Deadline wait={wait} deadline={wait.deadline} now={now} />}
      </div>
    </li>
  );
}

type DeadlineProps = { readonly wait: WaitView; readonly deadline: string; readonly now: number };

function Deadline({ wait, deadline, now }: DeadlineProps) {
  const at = Date.parse(deadline);
  const left = at > now ? `in ${clockText(at - now)}` : 'now';
  return (
    <span>
      {wait.kind === 'retry' ? 'next attempt' : 'until'} {new Date(at).toLocaleTimeString()} ({left})
    </span>
  );
}
