import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { FaultPoint } from '../../../platform/fault.ts';

/** The fault points of a running Keelson, whose processes look for them in a directory. */
export type ArmedFaults = {
  /** Has the first process that reaches the point kill itself, or stand still there. */
  arm(point: FaultPoint, what: 'kill' | 'pause'): void;
  /** Waits until a process stands still at the point; answers with the way to let it go on. */
  reached(point: FaultPoint): Promise<() => void>;
};

const patience = { timeout: 60_000, interval: 10 };

/** Arms fault points of the processes that were started with this directory. */
export function faultsIn({ faultDir }: { readonly faultDir: string }): ArmedFaults {
  return {
    arm: (point, what) => writeFileSync(join(faultDir, point), what),
    async reached(point) {
      const marker = join(faultDir, `${point}.reached`);
      await expect.poll(() => existsSync(marker), patience).toBe(true);
      return () => rmSync(marker, { force: true });
    },
  };
}
