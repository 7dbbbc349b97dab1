import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from '../../local/process/child.ts';
import type { Reporter } from '../../local/reporter.ts';
import { allocatorEnvironment, heapFlags } from '../../platform/heap-flags.ts';
import { waitingFile } from '../compose/readiness.ts';

export const roleNames = ['server', 'worker', 'session'] as const;
export type RoleName = (typeof roleNames)[number];

const firstPauseMilliseconds = 200;
const lastPauseMilliseconds = 10_000;
/** A role that ran this long was well: its next death starts at the short pause again. */
const wellMilliseconds = 30_000;

const longer = (milliseconds: number): number => Math.min(milliseconds * 2, lastPauseMilliseconds);

/** What one role is started with beside what all are. */
export type RoleStart = {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

export type RoleOptions = {
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** What single roles are started with, as the reference's programs are. */
  readonly own?: Readonly<Partial<Record<RoleName, RoleStart>>>;
  readonly reporter: Reporter;
  /** Called after each start, as the pid has changed. */
  readonly onStart: () => void;
};

/** The roles of a local installation, kept alive. */
export type Roles = {
  pids(): Record<RoleName, number>;
  stop(): Promise<void>;
};

/** Starts every role and starts it again whenever it dies, with a growing pause while it dies at once. */
export async function superviseRoles(options: RoleOptions): Promise<Roles> {
  const children = new Map<RoleName, Child>();
  const stopping = new AbortController();
  const folder = join(options.stateDir, 'roles');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const compiled = compileCacheIn(options.env['KEELSON_CACHE_DIR'] ?? join(options.stateDir, 'cache'));

  const start = async (role: RoleName): Promise<Child> => {
    const readyFile = join(folder, `${role}.ready`);
    const { flags = [], env = {} } = options.own?.[role] ?? {};
    for (const file of [readyFile, waitingFile(readyFile)]) rmSync(file, { force: true });
    const child = await startChild({
      name: role,
      command: process.execPath,
      arguments: [...heapFlags, fileURLToPath(new URL(`../${role}.ts`, import.meta.url)), ...flags],
      env: { ...allocatorEnvironment, ...compiled, ...options.env, ...env, KEELSON_READY_FILE: readyFile },
      logFile: join(folder, `${role}.log`),
      pidFile: join(folder, `${role}.pid`),
      waitsFor: () => {
        const what = readWaiting(readyFile);
        if (what !== undefined) options.reporter.say(`${role} is not ready yet, it waits: ${what}`);
        return what;
      },
      ready: async () => existsSync(readyFile),
    });
    children.set(role, child);
    options.onStart();
    return child;
  };

  /** Starts a dead role until it stays; undefined when everything is being stopped. */
  const restart = async (role: RoleName, firstPause: number): Promise<Child | undefined> => {
    for (let pause = firstPause; ; pause = longer(pause)) {
      await sleep(pause);
      if (stopping.signal.aborted) return undefined;
      try {
        return await start(role);
      } catch (error) {
        options.reporter.say(`${role} did not start and is tried again: ${(error as Error).message}`);
      }
    }
  };

  const keep = async (role: RoleName, first: Child): Promise<void> => {
    let pause = firstPauseMilliseconds;
    for (let child: Child | undefined = first; child !== undefined; ) {
      const startedAt = performance.now();
      const how = await child.exited;
      if (stopping.signal.aborted) return;
      options.reporter.say(`${role} ${how}; it is started again (log: ${join(folder, `${role}.log`)})`);
      pause = performance.now() - startedAt > wellMilliseconds ? firstPauseMilliseconds : longer(pause);
      child = await restart(role, pause);
    }
  };

  const started = await Promise.all(roleNames.map(async (role) => [role, await start(role)] as const));
  const keepers = started.map(([role, child]) => keep(role, child));
  return {
    pids: () =>
      Object.fromEntries(roleNames.map((role) => [role, children.get(role)?.pid ?? 0])) as Record<
        RoleName,
        number
      >,
    async stop() {
      stopping.abort();
      await Promise.all([...children.values()].map((child) => child.stop()));
      await Promise.all(keepers);
    },
  };
}

/**
 * Where Node.js keeps what it made of the sources: a role's thousand modules cost 1.4 s of processor time without it and
 * 1.0 s with it.
 */
function compileCacheIn(cacheDir: string): Readonly<Record<string, string>> {
  return { NODE_COMPILE_CACHE: join(cacheDir, 'compiled') };
}

function readWaiting(readyFile: string): string | undefined {
  try {
    return readFileSync(waitingFile(readyFile), 'utf8').trim();
  } catch {
    return undefined; // it waits for nothing
  }
}
