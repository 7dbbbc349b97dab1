import { KeelsonError } from '../../core/errors.ts';
import type { Child } from './child.ts';

/** A running child, as far as its keeper needs to know it. */
type Running = Pick<Child, 'pid' | 'exited' | 'stop'>;

/** Called when a role ended without being asked to; `how` says in what way. */
export type RoleExit = (key: string, how: string) => void;

/** Keeps the programs of a platform by key: knows their pids, notices deaths, restarts and stops them. */
export type Roles = {
  /** Starts a role and remembers how, so that it can be started again in the same way. */
  start<Child extends Running>(key: string, begin: () => Promise<Child>): Promise<Child>;
  /** Stops the role if it still runs and starts it again. */
  restart(key: string): Promise<void>;
  /** Pids of the roles that run now. */
  pids(): Readonly<Record<string, number>>;
  /** Stops every role, the last started first. */
  stop(): Promise<void>;
};

/** An empty set of roles; `onExit` hears of each death that nobody asked for. */
export function createRoles(onExit: RoleExit): Roles {
  const beginnings = new Map<string, () => Promise<Running>>();
  const running = new Map<string, Running>();

  const begin = async <Child extends Running>(key: string, start: () => Promise<Child>): Promise<Child> => {
    const child = await start();
    running.set(key, child);
    void child.exited.then((how) => {
      // A role that was stopped or restarted meanwhile is no longer the one in the map.
      if (running.get(key) !== child) return;
      running.delete(key);
      onExit(key, how);
    });
    return child;
  };

  const end = async (key: string): Promise<void> => {
    const child = running.get(key);
    running.delete(key);
    await child?.stop();
  };

  return {
    start: async (key, start) => {
      beginnings.set(key, start);
      return begin(key, start);
    },
    restart: async (key) => {
      const start = beginnings.get(key);
      if (start === undefined) throw new KeelsonError('not-found', `local role ${key} was never started`);
      await end(key);
      await begin(key, start);
    },
    pids: () => Object.fromEntries([...running].map(([key, child]) => [key, child.pid])),
    stop: async () => {
      for (const key of [...running.keys()].reverse()) await end(key);
    },
  };
}
