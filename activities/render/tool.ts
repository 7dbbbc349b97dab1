import type { RunOutput } from '../../platform/exec.ts';
import { type Remedy, toolFailure } from './failure.ts';
import type { Rendering } from './request.ts';

export type ToolRun = {
  /** As messages name it: `helm template`. */
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** Programs that it may start by their paths. */
  readonly programs?: readonly string[];
  /** Files and folders beside the root and the scratch folder that it reads. */
  readonly readable?: readonly string[];
  /** Whether the source names something that is fetched. */
  readonly network?: boolean;
  readonly remedies: readonly Remedy[];
};

/** Kustomize starts Git for remote bases; nothing else is looked up by name. */
const searchPath = '/usr/local/bin:/usr/bin:/bin';

/** Runs a renderer in a sandbox with a home and temporary directory of its own, and no variable of the worker's. */
export async function runTool(rendering: Rendering, tool: ToolRun): Promise<RunOutput> {
  const env = {
    PATH: searchPath,
    HOME: rendering.scratch,
    TMPDIR: rendering.scratch,
    XDG_CONFIG_HOME: rendering.scratch,
    LC_ALL: 'C.UTF-8',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: 'http:https',
    ...tool.variables,
  };
  try {
    return await rendering.sandbox.run(tool.path, tool.args, {
      cwd: tool.cwd,
      env,
      readable: [rendering.root, ...(tool.readable ?? [])],
      writable: [rendering.scratch],
      programs: tool.programs ?? [],
      network: tool.network === true,
      timeoutSeconds: rendering.limits.timeoutSeconds,
      maxOutputBytes: rendering.limits.maxOutputBytes,
      ...(rendering.signal === undefined ? {} : { signal: rendering.signal }),
    });
  } catch (cause) {
    throw toolFailure(rendering, tool.name, cause, tool.remedies);
  }
}
