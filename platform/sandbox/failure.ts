import { KeelsonError } from '../../core/errors.ts';
import { RunError } from '../exec.ts';
import { setupFailure } from './command.ts';

/** What was seen of a run besides its end. */
export type Seen = {
  /** The caller gave up. */
  readonly aborted: boolean;
  readonly diskFull: boolean;
  /** How many processes it may have at once; undefined where they aren't counted. */
  readonly processes: number | undefined;
  /** Sentences about connections that did not come about. */
  readonly refusals: readonly string[];
};

/** How shells, Go programs, Python, Node and Git tell that no process or thread could be started. */
const noMoreProcesses =
  /cannot fork|unable to fork|fork: .{0,200}temporarily unavailable|fork\/exec .{0,200}temporarily unavailable|newosproc|failed to create new OS thread|can't start new thread|BlockingIOError|(?:spawn|uv_thread_create).{0,200}EAGAIN/i;

/** Tells failures of the sandbox and of its limits from those of the program. */
export function explain(cause: unknown, command: string, seen: Seen): unknown {
  if (!(cause instanceof RunError)) return cause;
  const name = command.slice(command.lastIndexOf('/') + 1);
  if (cause.exitCode === setupFailure.exitCode && cause.stderr.includes(setupFailure.mark)) {
    const said = cause.stderr.replace(setupFailure.mark, '').trim();
    return new KeelsonError('unavailable', `sandbox for ${name}: ${said}`, { retryable: true, cause });
  }
  if (seen.diskFull && !seen.aborted) {
    return new RunError('disk-limit', `${name}: filled its scratch folder`, cause.stderr, cause);
  }
  const full = seen.processes !== undefined && noMoreProcesses.test(cause.stderr);
  if (full && (cause.failure === 'exit' || cause.failure === 'timeout')) {
    const sentence = `it may have ${seen.processes} processes and threads at once and wanted more`;
    const stderr = [cause.stderr, sentence].join('; ');
    return new RunError('process-limit', `${name}: failed: ${stderr}`, stderr, cause, cause.exitCode);
  }
  if (cause.failure !== 'exit') return cause;
  const unsaid = seen.refusals.filter((one) => !cause.stderr.includes(one));
  const words = [cause.stderr, limitOf(cause.exitCode), ...unsaid].filter((one) => one !== '');
  const stderr = words.join('; ');
  return new RunError('exit', `${name}: failed: ${stderr}`, stderr, cause, cause.exitCode);
}

/** What ends a program by a signal, as a shell reports it, and the limit behind it. */
function limitOf(exitCode: number | undefined): string {
  switch (exitCode) {
    case 137:
      return 'it was killed, by its limit of processor time or because the machine ran out of memory';
    case 152:
      return 'it used up its processor time';
    case 153:
      return 'it wrote a file larger than its limit';
    default:
      return '';
  }
}
