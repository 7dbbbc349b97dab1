import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Places in the code's seams where a crash test may stop the program exactly. */
export type FaultPoint =
  | 'action-written'
  | 'hook-created'
  | 'object-applied'
  | 'batch-applied'
  | 'wave-settling'
  | 'attempt-finishing'
  | 'row-written-as-object'
  | 'object-releasing';

/** Reaching a point does nothing unless a crash test has armed it. */
export type Faults = { reach(point: FaultPoint): Promise<void> };

/** Faults of a normal run: none. */
export const noFaults: Faults = { reach: async () => {} };

const pauseCheckMilliseconds = 5;

/**
 * Faults armed by files: `<directory>/<point>` holding `kill` makes the first process that reaches the point kill
 * itself with SIGKILL; holding `pause` makes it rename the file to `<point>.reached` and stand still until that
 * file is gone. The rename is atomic, so exactly one process is hit once.
 */
export function armFaults(directory: string | undefined): Faults {
  if (directory === undefined) return noFaults;
  return {
    async reach(point) {
      const armed = join(directory, point);
      if (!existsSync(armed)) return;
      const reached = `${armed}.reached`;
      try {
        renameSync(armed, reached);
      } catch {
        // Another process reached the point first: the fault is its.
        return;
      }
      if (readFileSync(reached, 'utf8').trim() === 'pause') {
        while (existsSync(reached)) await sleep(pauseCheckMilliseconds);
        return;
      }
      rmSync(reached);
      process.kill(process.pid, 'SIGKILL');
    },
  };
}
