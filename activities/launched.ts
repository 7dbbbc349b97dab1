import { type RunOptions, run } from '../platform/exec.ts';
import { runHandler } from '../platform/launcher/launcher.ts';
import { serveCalls } from '../platform/launcher/serve.ts';
import { type GitProgram, gitHandler, startGit } from './git/run/program.ts';

type Run = { readonly command: string; readonly args: readonly string[]; readonly options: RunOptions };

// The process that starts programs on behalf of a worker.
serveCalls({
  [runHandler]: ({ command, args, options }: Run, signal) => run(command, args, { ...options, signal }),
  [gitHandler]: (program: GitProgram, signal) => startGit(program, signal),
});
