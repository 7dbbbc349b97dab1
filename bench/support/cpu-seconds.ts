import { readFileSync } from 'node:fs';

/** Processor seconds of a process and those of its children. */
export type CpuSeconds = {
  readonly user: number;
  readonly system: number;
  readonly childUser: number;
  readonly childSystem: number;
};

/** The kernel tells times in hundredths of a second, whatever its clock is. */
const ticksPerSecond = 100;

/** What a process has used since it started, with all that it has started; on Linux alone. */
export function cpuSecondsOf(pid: number): CpuSeconds {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name before may contain blanks and brackets; the times are the 12th to 15th field after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const times = fields.slice(11, 15).map((ticks) => Number(ticks) / ticksPerSecond);
  const [user = 0, system = 0] = times;
  let [, , childUser = 0, childSystem = 0] = times;
  for (const child of childrenOf(pid)) {
    const used = cpuSecondsOf(child);
    childUser += used.user + used.childUser;
    childSystem += used.system + used.childSystem;
  }
  return { user, system, childUser, childSystem };
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** What was used between two looks. */
export function usedBetween(before: CpuSeconds, after: CpuSeconds): CpuSeconds {
  return {
    user: after.user - before.user,
    system: after.system - before.system,
    childUser: after.childUser - before.childUser,
    childSystem: after.childSystem - before.childSystem,
  };
}

/** In words: of itself and of its children, user and system. */
export function cpuText({ user, system, childUser, childSystem }: CpuSeconds): string {
  const text = (seconds: number): string => seconds.toFixed(1);
  return `own ${text(user)} + ${text(system)} s, children ${text(childUser)} + ${text(childSystem)} s (user + system)`;
}
