import { dirname, join } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import { runInGroup } from '../process/process-group.ts';
import type { Obtaining } from './artefact.ts';
import { programsOnPath, versionOf } from './find-tool.ts';
import { isWithin } from './version.ts';

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
  /** Folder of the go.mod and go.sum that are obeyed. */
  readonly moduleDir: string;
  readonly package: string;
  /** Values that the linker writes into variables, such as versions. */
  readonly variables?: Readonly<Record<string, string>>;
  /** A module of WebAssembly whose exports are called, instead of a program of this machine. */
  readonly asWasmReactor?: boolean;
};

/**
 * Builds one thing into `output`, whose folder is for everything temporary. The ambient Go environment applies (proxy,
 * caches, private modules); only what decides whether the committed go.mod and go.sum are obeyed is fixed.
 */
export async function buildWithGo(output: string, options: GoBuildOptions): Promise<void> {
  const { goPath, env, signal, asWasmReactor = false } = options;
  const workDir = dirname(output);
  const variables = Object.entries(options.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const linkFlags = ['-s', '-w', ...variables].join(' ');
  const mode = asWasmReactor ? ['-buildmode=c-shared', '-trimpath'] : [];
  const goArguments = [
    'build',
    '-mod=readonly',
    ...mode,
    '-o',
    output,
    '-ldflags',
    linkFlags,
    options.package,
  ];
  try {
    await runInGroup(goPath, goArguments, {
      cwd: options.moduleDir,
      env: {
        ...env,
        // Without cgo no C compiler is needed; a workspace file further up must not change the versions.
        ...{ CGO_ENABLED: '0', GOWORK: 'off', GOTMPDIR: workDir },
        ...(asWasmReactor ? { GOOS: 'wasip1', GOARCH: 'wasm' } : {}),
      },
      signal,
      pidFile: join(workDir, buildPidFile),
    });
  } catch (cause) {
    signal.throwIfAborted();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KeelsonError('unavailable', `go build ${options.package} failed: ${reason}`, {
      cause,
      retryable: true,
    });
  }
}

/** Tells of a build every second, and how long it took. */
export async function reportingBuild(
  expectedSeconds: number,
  how: Obtaining,
  build: () => Promise<void>,
): Promise<void> {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  how.say(`building with Go, about ${expectedSeconds} s the first time`);
  const ticker = setInterval(
    () => how.progress(`building, ${seconds()} of about ${expectedSeconds} s`),
    1000,
  );
  try {
    await build();
    how.say(`built in ${seconds()} s`);
  } finally {
    clearInterval(ticker);
  }
}
