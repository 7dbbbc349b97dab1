import { KeelsonError } from '../../core/errors.ts';
import { RunError } from '../exec.ts';
import { setupFailure } from './command.ts';

/** What was seen of a run besides its end. */
export type Seen = {
  /** The caller gave up. */
  readonly aborted: boolean;
  readonly diskFull: boolean;
  /** Sentences about connections that did not come about. */
  readonly refusals: readonly string[];
};

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
