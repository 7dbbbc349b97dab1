import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { KeelsonError } from '../../core/errors.ts';
import { pollUntil } from '../poll.ts';
import { commandLine, isAlive, startStamp } from './pid.ts';

/** What to start and where its traces go. */
export type ChildOptions = {
  /** The role's name in messages. */
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  /** The complete environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly logFile: string;
  readonly pidFile: string;
  /** Run as this user; only root may ask for it. */
  readonly uid?: number;
  readonly gid?: number;
  /** Open files handed down as descriptors 3, 4, ... */
  readonly descriptors?: readonly number[];
  /** The signal that asks for a clean end. */
  readonly stopSignal?: NodeJS.Signals;
  readonly stopSeconds?: number;
  readonly readySeconds?: number;
  /** What the program says it waits for before it can serve; while it says something it is given more time. */
  readonly waitsFor?: () => string | undefined;
  /** Whether the program serves; called again and again until it says yes. */
  readonly ready: () => Promise<boolean>;
};

/** A running program of the local platform. */
export type Child = {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the program is gone, with a phrase saying how it ended. */
  readonly exited: Promise<string>;
  /** Asks the program to end, kills it after a deadline, and waits until it is gone. */
  stop(): Promise<void>;
};

const PidRecord = z.object({ pid: z.number(), stamp: z.string(), command: z.string() });
type PidRecord = z.infer<typeof PidRecord>;

const defaultStopSeconds = 10;
const defaultReadySeconds = 60;
/** A log that has grown beyond this is moved aside at the next start. */
const logLimitBytes = 20_000_000;

/** Starts a program in a session of its own (Ctrl-C must not reach it before its supervisor) and waits until it serves. */
export async function startChild(options: ChildOptions): Promise<Child> {
  await stopLeftover(options.pidFile);
  rotateLog(options.logFile);
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(options.command, [...options.arguments], {
    detached: true,
    stdio: ['ignore', log, log, ...(options.descriptors ?? [])],
    env: { ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  closeSync(log);
  let ending: string | undefined;
  const exited = new Promise<string>((resolve) => {
    child.once('error', (cause) => resolve(`could not be started: ${cause.message}`));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `exited with ${code}` : `died of ${signal}`),
    );
  }).then((how) => {
    ending = how;
    return how;
  });
  const { pid } = child;
  if (pid === undefined) throw failed(options, await exited);
  recordPid(options.pidFile, options.command, pid);

  const stop = async (): Promise<void> => {
    if (ending === undefined) await endGroup(pid, options.stopSignal ?? 'SIGTERM', options.stopSeconds);
    await exited;
    rmSync(options.pidFile, { force: true });
  };
  try {
    await untilReady(options, () => ending);
  } catch (cause) {
    await stop();
    throw cause instanceof KeelsonError && cause.code === 'timeout' ? failed(options, cause.message) : cause;
  }
  return { name: options.name, pid, exited, stop };
}

/** The deadline is for a program that is stuck, not for one that says what it is doing. */
async function untilReady(options: ChildOptions, ending: () => string | undefined): Promise<void> {
  const seconds = options.readySeconds ?? defaultReadySeconds;
  for (let ready = false; !ready; ) {
    try {
      await pollUntil(options.name, seconds, () => {
        const how = ending();
        if (how !== undefined) throw failed(options, how);
        return options.ready();
      });
      ready = true;
    } catch (cause) {
      const isLate = cause instanceof KeelsonError && cause.code === 'timeout';
      if (!isLate || options.waitsFor?.() === undefined) throw cause;
    }
  }
}

/** Stops the leftovers of several roles at once; done before ports are chosen, since a leftover still holds its own. */
export async function stopLeftovers(pidFiles: readonly string[]): Promise<void> {
  await Promise.all(pidFiles.map(stopLeftover));
}

/**
 * Stops the program that a pid file names, if it still runs and is really the recorded one. Done at each start, so a
 * state directory can be used again after everything was killed, its supervisor included.
 */
export async function stopLeftover(pidFile: string): Promise<void> {
  const recorded = readPidFile(pidFile);
  if (recorded !== undefined && isRecorded(recorded)) {
    await endGroup(recorded.pid, 'SIGTERM', defaultStopSeconds);
  }
  rmSync(pidFile, { force: true });
}

function isRecorded({ pid, stamp, command }: PidRecord): boolean {
  return startStamp(pid) === stamp && (commandLine(pid) ?? '').includes(command);
}

/** Signals the program, then after the deadline kills its whole group, since a killed parent leaves children behind. */
async function endGroup(pid: number, signal: NodeJS.Signals, seconds = defaultStopSeconds): Promise<void> {
  send(pid, signal);
  try {
    await pollUntil(`end of pid ${pid}`, seconds, () => !isAlive(pid), 20);
  } catch {
    // it ignored the request; the kill below is the answer to that
  }
  send(-pid, 'SIGKILL');
  await pollUntil(`end of pid ${pid}`, defaultStopSeconds, () => !isAlive(pid), 20);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // already gone
  }
}

/** Puts on record that a program runs, for `stopLeftover` of a later start. */
export function recordPid(pidFile: string, command: string, pid: number): void {
  const stamp = startStamp(pid);
  if (stamp === undefined) return; // it died at once; the readiness loop reports that
  mkdirSync(dirname(pidFile), { recursive: true });
  // The name is matched later against a command line that an interpreter may have prefixed.
  const record: PidRecord = { pid, stamp, command: command.split('/').at(-1) ?? command };
  writeFileSync(`${pidFile}.part`, JSON.stringify(record));
  renameSync(`${pidFile}.part`, pidFile);
}

function readPidFile(pidFile: string): PidRecord | undefined {
  if (!existsSync(pidFile)) return undefined;
  try {
    return PidRecord.parse(JSON.parse(readFileSync(pidFile, 'utf8')));
  } catch {
    return undefined; // not written by us, so it names nothing that we may stop
  }
}

function rotateLog(logFile: string): void {
  mkdirSync(dirname(logFile), { recursive: true });
  if (existsSync(logFile) && statSync(logFile).size > logLimitBytes) renameSync(logFile, `${logFile}.1`);
}

function failed(options: ChildOptions, how: string): KeelsonError {
  return new KeelsonError(
    'unavailable',
    `${options.name} ${how}; its log ${options.logFile} ends with: ${logTail(options.logFile)}`,
  );
}

/** What Node prints around an error that nobody caught: for whoever mends the program, and in the log. */
const stackLine = /^\s+at |^node:|^Node\.js v|^\s*\^?$|^\s*throw |^\s*[{}\]],?$/;

function logTail(logFile: string): string {
  const written = readFileSync(logFile, 'utf8').split('\n');
  const lines = written.filter((line) => !stackLine.test(line)).slice(-5);
  return lines.map((line) => line.slice(0, 300)).join(' | ') || '(empty)';
}
