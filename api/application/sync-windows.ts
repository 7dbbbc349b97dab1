import { type Closure, closureOf, shownWindows } from '../../core/project/window/closure.ts';
import type { OpenedWindows } from '../../core/project/window/decision.ts';
import { formatTime } from '../../core/text/time.ts';
import type { SyncWindows } from '../../core/wire/sync.ts';

/** An application's sync windows at an instant, as they are shown. */
export function shownSyncWindows(windows: OpenedWindows, at: number): SyncWindows {
  const { active, assigned } = shownWindows(windows, at);
  const manual = closureOf(windows, { at, manual: true });
  const automated = closureOf(windows, { at, manual: false });
  return {
    activeWindows: active,
    assignedWindows: assigned,
    canSync: manual === undefined,
    ...(manual === undefined ? {} : { refusal: shownClosure(manual) }),
    ...(automated === undefined ? {} : { automatedRefusal: shownClosure(automated) }),
  };
}

function shownClosure({ message, opensAt }: Closure): NonNullable<SyncWindows['refusal']> {
  return { message, ...(opensAt === undefined ? {} : { opensAt: formatTime(new Date(opensAt)) }) };
}
