import type { ProgressState } from '../../../core/sync/progress.ts';
import { Icon, type IconName } from '../../components/icon.tsx';

const icons: Readonly<Record<ProgressState, IconName>> = {
  pending: 'dot',
  applying: 'spinner',
  waiting: 'hourglass',
  done: 'check',
  failed: 'cross',
  skipped: 'skip',
};

/** How far something has come, as a sign; the word stands beside it. */
export function StateIcon({ state }: { readonly state: ProgressState }) {
  return (
    <span className={`mark mark-${state}`}>
      <Icon name={icons[state]} spin={state === 'applying'} />
    </span>
  );
}
