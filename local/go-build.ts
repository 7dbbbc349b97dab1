import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { KeelsonError } from '../core/errors.ts';
import { programsOnPath, versionOf } from './find-tool.ts';
import type { GoBuild } from './tools-lock.ts';
import { isWithin } from './version.ts';

const run = promisify(execFile);
const toolModules = fileURLToPath(new URL('tools/', import.meta.url));

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

/**
 * Builds one tool into `output`. The ambient Go environment applies (proxy, caches, private modules); only what
 * decides whether the committed go.mod and go.sum are obeyed is fixed.
 */
export async function buildWithGo(
  goPath: string,
  build: GoBuild,
  output: string,
  env: NodeJS.ProcessEnv,
  modulesRoot: string = toolModules,
): Promise<void> {
  const variables = Object.entries(build.variables).map(([name, value]) => `-X ${name}=${value}`);
  const linkFlags = ['-s', '-w', ...variables].join(' ');
  const goArguments = ['build', '-mod=readonly', '-o', output, '-ldflags', linkFlags, build.package];
  try {
    await run(goPath, goArguments, {
      cwd: `${modulesRoot}/${build.module}`,
      // Without cgo no C compiler is needed; a workspace file further up must not change the versions.
      env: { ...env, CGO_ENABLED: '0', GOWORK: 'off' },
      maxBuffer: 16 << 20,
    });
  } catch (cause) {
    throw new KeelsonError('unavailable', `go build ${build.package} failed: ${lastLines(cause)}`, {
      cause,
      retryable: true,
    });
  }
}

function lastLines(cause: unknown): string {
  const written = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : '';
  const lines = written
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.slice(-4).join('; ') || (cause instanceof Error ? cause.message : 'unknown reason');
}
