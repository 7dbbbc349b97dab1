import type { SyncWindows } from '../../core/wire/sync.ts';
import { formatField } from '../terminal/table.ts';

/** What an application's sync windows allow now, as `app get` says it, and from when on they allow more. */
export function formatWindows(windows: SyncWindows): string {
  const { assignedWindows: assigned, refusal, automatedRefusal } = windows;
  const listed = assigned.map(({ kind, schedule, duration }) => [kind, schedule, duration].join(':'));
  const opensAt = (refusal ?? automatedRefusal)?.opensAt;
  return [
    formatField('SyncWindow', windowWords(windows)),
    ...(listed.length === 0 ? [] : [formatField('Assigned Windows', listed.join(','))]),
    ...(opensAt === undefined ? [] : [formatField('Allowed From', opensAt)]),
  ].join('');
}

/** Windows that hold automated syncs back may still let people through. */
function windowWords({ canSync, automatedRefusal }: SyncWindows): string {
  if (!canSync) return 'Sync Denied';
  return automatedRefusal === undefined ? 'Sync Allowed' : 'Manual Allowed';
}
