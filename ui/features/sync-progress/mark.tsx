import { Icon, type IconName } from '../../components/icon.tsx';
import type { Mark } from './model/stages.ts';

const icons: Readonly<Record<Mark, IconName>> = {
  pending: 'dot',
  applying: 'spinner',
  waiting: 'hourglass',
  done: 'check',
  failed: 'cross',
  skipped: 'skip',
};

/** What each mark is called next to it and when read out. */
export const markWords: Readonly<Record<Mark, string>> = {
  pending: 'pending',
  applying: 'applying',
  waiting: 'waiting',
  done: 'done',
  failed: 'failed',
  skipped: 'skipped',
};

export function MarkIcon({ mark }: { readonly mark: Mark }) {
  return (
    <span className={`mark mark-${mark}`}>
      <Icon name={icons[mark]} spin={mark === 'applying'} />
    </span>
  );
}
