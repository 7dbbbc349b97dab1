import { fileURLToPath } from 'node:url';
import { KeelsonError } from '../core/errors.ts';
import { programsOnPath, versionOf } from './find-tool.ts';
import { runInGroup } from './process-group.ts';
import type { GoBuild } from './tools-lock.ts';
import { isWithin } from './version.ts';

const toolModules = fileURLToPath(new URL('tools/', import.meta.url));

/** Within a build's work folder: names the compiler while it runs. */
export const buildPidFile = 'build.pid';

/** Where Go was looked for and what was found. */
export type GoCompiler = { readonly path: string } | { readonly problem: string };

/** Finds a Go compiler that is new enough on PATH. */
export async function findGo(minimum: string, env: NodeJS.ProcessEnv): Promise<GoCompiler> {
  const seen: string[] = [];
  for (const path of programsOnPath('go', env)) {
    // From here the machine's own version answers, not one that a go.mod asks for.
    const version = await versionOf(path, ['version'], 'go(\\d+\\.\\d+(?:\\.\\d+)?)');
    if (version !== undefined && isWithin(version, `>=${minimum}`)) return { path };
    seen.push(`${path} is ${version ?? 'not working'}`);
  }
  return { problem: seen.length === 0 ? 'no go on PATH' : seen.join(', ') };
}

/** What one build works with. */
export type GoBuildOptions = {
  readonly goPath: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** An empty folder for everything temporary; whoever removes it leaves nothing half-built. */
  readonly workDir: string;
  /** Folder of the Go modules; local/tools when absent. */
  readonly modulesRoot?: string;
};

/**
 * Builds one tool into `output`. The ambient Go environment applies (proxy, caches, private modules); only what
 * decides whether the committed go.mod and go.sum are obeyed is fixed.
 */
export async function buildWithGo(build: GoBuild, output: string, options: GoBuildOptions): Promise<void> {
  const { goPath, env, signal, workDir, modulesRoot = toolModules } = options;
  const variables = Object.entries(build.variables).map(([name, value]) => `-X ${name}=${value}`);
  const linkFlags = ['-s', '-w', ...variables].join(' ');
  const goArguments = ['build', '-mod=readonly', '-o', output, '-ldflags', linkFlags, build.package];
  try {
    await runInGroup(goPath, goArguments, {
      cwd: `${modulesRoot}/${build.module}`,
      // Without cgo no C compiler is needed; a workspace file further up must not change the versions.
      env: { ...env, CGO_ENABLED: '0', GOWORK: 'off', GOTMPDIR: workDir },
      signal,
      pidFile: `${workDir}/${buildPidFile}`,
    });
  } catch (cause) {
    signal.throwIfAborted();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KeelsonError('unavailable', `go build ${build.package} failed: ${reason}`, {
      cause,
      retryable: true,
    });
  }
}
