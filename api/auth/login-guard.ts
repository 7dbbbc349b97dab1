/** Failures of one user within the window that lock it: the reference's numbers. */
const maxFailures = 5;
const windowSeconds = 300;
/** Users remembered at once; a flood of invented names can't fill the memory. */
const maxUsers = 1000;

/** Counts failed logins per user and says who is locked out for the moment. */
export type LoginGuard = {
  isLocked(username: string, now: Date): boolean;
  recordFailure(username: string, now: Date): void;
  recordSuccess(username: string): void;
};

export function createLoginGuard(): LoginGuard {
  const failures = new Map<string, { count: number; last: number }>();
  const isOver = (last: number, now: Date): boolean => now.getTime() - last >= windowSeconds * 1000;
  return {
    isLocked(username, now) {
      const entry = failures.get(username);
      return entry !== undefined && entry.count >= maxFailures && !isOver(entry.last, now);
    },
    recordFailure(username, now) {
      const entry = failures.get(username);
      const count = entry === undefined || isOver(entry.last, now) ? 1 : entry.count + 1;
      // Taken out and put back so that the map's order is the order of the last failure.
      failures.delete(username);
      failures.set(username, { count, last: now.getTime() });
      const [oldest] = failures.keys();
      if (failures.size > maxUsers && oldest !== undefined) failures.delete(oldest);
    },
    recordSuccess(username) {
      failures.delete(username);
    },
  };
}
