import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { OperatorOfAccounts, OperatorOfBackups, OperatorOfDefinitions } from '../../../cli/command.ts';
import { runCli } from '../../../cli/main.ts';

/** What one run of the command line left behind. */
export type CliRun = { readonly status: number; readonly stdout: string; readonly stderr: string };

export type CliOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** What standard input holds. */
  readonly input?: string;
  /** Answers that somebody types at a terminal, each after a question. */
  readonly answers?: readonly string[];
  readonly isTerminal?: boolean;
  readonly signal?: AbortSignal;
  readonly accounts?: OperatorOfAccounts;
  readonly definitions?: OperatorOfDefinitions;
  readonly backups?: OperatorOfBackups;
};

/** Runs the command line in this process and collects what it writes. */
export async function keelson(argv: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const written = { stdout: '', stderr: '' };
  const answers = [...(options.answers ?? [])];
  const typed = Object.assign(new PassThrough(), { isTTY: true });
  const stdin = options.answers === undefined ? Readable.from([options.input ?? '']) : typed;
  const status = await runCli({
    argv,
    env: options.env ?? {},
    stdin,
    stdout: {
      write(text) {
        written.stdout += text;
      },
    },
    stderr: {
      write(text) {
        written.stderr += text;
        if (!/[:)] $/.test(text)) return;
        const answer = answers.shift();
        if (answer !== undefined) setImmediate(() => typed.write(`${answer}\n`));
      },
    },
    isTerminal: options.isTerminal ?? false,
    signal: options.signal,
    accounts: options.accounts,
    definitions: options.definitions,
    backups: options.backups,
  });
  stdin.destroy();
  return { status, ...written };
}

/** The command line of somebody whose configuration lies in a folder of the test's own. */
export function keelsonIn(folder: string): (...words: string[]) => Promise<CliRun> {
  const env = { HOME: folder, PATH: process.env['PATH'] ?? '' };
  return (...words) => keelson([...words, '--config', join(folder, 'config')], { env });
}
