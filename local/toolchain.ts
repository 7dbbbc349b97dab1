import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { arch, homedir, platform } from 'node:os';
import { join } from 'node:path';
import { KeelsonError } from '../core/errors.ts';
import { createDownloader, type Downloader } from './download.ts';
import { takeLock } from './file-lock.ts';
import { chosenTool, findOnPath, isProgram, toolVariable } from './find-tool.ts';
import { buildWithGo, findGo, type GoCompiler } from './go-build.ts';
import type { Reporter } from './reporter.ts';
import { type PinnedTool, readToolsLock, type ToolsLock } from './tools-lock.ts';

/** A tool that local/tools.lock.json pins. */
export type ToolName =
  | 'etcd'
  | 'helm'
  | 'jsonnet'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubectl'
  | 'kustomize'
  | 'kwok'
  | 'registry'
  | 'temporal'
  | 'temporal-server'
  | 'temporal-sql-tool';

/** Finds, downloads or builds tools. */
export type Toolchain = {
  /** The absolute path of a fitting program. */
  ensureTool(name: string, reporter: Reporter): Promise<string>;
  /** The same for several; missing ones are fetched one after the other, since one build uses the whole machine. */
  ensureTools(names: readonly string[], reporter: Reporter): Promise<ReadonlyMap<string, string>>;
};

/** What a toolchain works with; tests give their own. */
export type ToolchainOptions = {
  readonly lock: ToolsLock;
  readonly env: NodeJS.ProcessEnv;
  /** Folder of all versions of all tools, shared by every checkout of this user. */
  readonly cacheDir: string;
  readonly downloader: Downloader;
  /** Folder of the Go modules; local/tools when absent. */
  readonly modulesRoot?: string;
};

type Position = { readonly index: number; readonly count: number };

/** A toolchain over its own lock, cache and environment. */
export function createToolchain(options: ToolchainOptions): Toolchain {
  const { lock, env, cacheDir, downloader } = options;
  const running = new Map<string, Promise<string>>();
  let go: Promise<GoCompiler> | undefined;

  const pinned = (name: string): PinnedTool => {
    const tool = lock.tools[name];
    if (tool !== undefined) return tool;
    throw new KeelsonError('invalid-argument', `tool ${name} is not pinned in local/tools.lock.json`);
  };

  const present = async (name: string): Promise<string | undefined> => {
    const cached = cachePath(cacheDir, name, pinned(name));
    return (
      chosenTool(name, env) ??
      (await findOnPath(name, pinned(name), env)) ??
      (isProgram(cached) ? cached : undefined)
    );
  };

  const acquire = async (name: string, reporter: Reporter, position: Position): Promise<string> => {
    const path = cachePath(cacheDir, name, pinned(name));
    const held = await takeLock(`${path}.lock`, (ownerPid) =>
      reporter.progress(
        `${headline(name, pinned(name), position)}: waiting for pid ${ownerPid}, which fetches it`,
      ),
    );
    try {
      if (!isProgram(path)) await fetchInto(path, name, reporter, position);
      return path;
    } finally {
      held.release();
    }
  };

  const fetchInto = async (path: string, name: string, reporter: Reporter, at: Position): Promise<void> => {
    const tool = pinned(name);
    const part = `${path}.part`;
    rmSync(part, { force: true });
    const reasons: string[] = [];
    const refused = await download(part, tool, reporter, headline(name, tool, at));
    if (refused !== undefined) {
      reasons.push(refused);
      go ??= findGo(lock.goVersion, env);
      const compiler = await go;
      if ('problem' in compiler) throw unavailable(name, lock.goVersion, [...reasons, compiler.problem]);
      await build(compiler.path, part, tool, reporter, headline(name, tool, at)).catch((cause: unknown) => {
        throw unavailable(name, lock.goVersion, [...reasons, messageOf(cause)], cause);
      });
    }
    chmodSync(part, 0o755);
    renameSync(part, path);
  };

  const download = async (part: string, tool: PinnedTool, reporter: Reporter, title: string) => {
    const source = tool.downloads[hostPlatform()];
    if (source === undefined || source === null) return `no official release for ${hostPlatform()}`;
    try {
      await downloader.fetchTool(source, part, (phrase) => reporter.progress(`${title}: ${phrase}`));
      reporter.say(`${title}: downloaded`);
      return undefined;
    } catch (cause) {
      return messageOf(cause); // the Go build is the remedy; the reason is shown when that fails too
    }
  };

  const build = async (goPath: string, part: string, tool: PinnedTool, reporter: Reporter, title: string) => {
    const started = Date.now();
    const seconds = () => Math.round((Date.now() - started) / 1000);
    reporter.say(`${title}: building with Go, about ${tool.goBuild.expectedSeconds} s the first time`);
    const ticker = setInterval(
      () => reporter.progress(`${title}: building, ${seconds()} of about ${tool.goBuild.expectedSeconds} s`),
      1000,
    );
    try {
      await buildWithGo(goPath, tool.goBuild, part, env, options.modulesRoot);
      reporter.say(`${title}: built in ${seconds()} s`);
    } finally {
      clearInterval(ticker);
    }
  };

  const ensureAt = (name: string, reporter: Reporter, position: Position): Promise<string> => {
    const already = running.get(name);
    if (already !== undefined) return already;
    const found = present(name).then((path) => path ?? acquire(name, reporter, position));
    running.set(name, found);
    // A failure is not kept: the remedy may have been applied before the next call.
    found.catch(() => running.delete(name));
    return found;
  };

  return {
    ensureTool: (name, reporter) => ensureAt(name, reporter, { index: 1, count: 1 }),
    ensureTools: async (names, reporter) => {
      const places = await Promise.all(names.map(present));
      const missing = names.filter((_, index) => places[index] === undefined);
      const paths = new Map<string, string>();
      for (const [index, name] of names.entries()) {
        const place = places[index];
        const position = { index: missing.indexOf(name) + 1, count: missing.length };
        paths.set(name, place ?? (await ensureAt(name, reporter, position)));
      }
      return paths;
    },
  };
}

/** The absolute path of a pinned tool: chosen by variable, on PATH, cached, downloaded, or built, in this order. */
export function ensureTool(name: ToolName, reporter: Reporter): Promise<string> {
  return standard().ensureTool(name, reporter);
}

/** Makes several pinned tools present. */
export async function ensureTools<Name extends ToolName>(
  names: readonly Name[],
  reporter: Reporter,
): Promise<Readonly<Record<Name, string>>> {
  const paths = await standard().ensureTools(names, reporter);
  return Object.fromEntries(paths) as Record<Name, string>;
}

/** The user's cache folder for tools. */
export function defaultCacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'keelson', 'tools');
}

/** The machine in the words of release files: `linux-amd64`. */
export function hostPlatform(): string {
  return `${platform()}-${arch() === 'x64' ? 'amd64' : arch()}`;
}

let shared: Toolchain | undefined;

function standard(): Toolchain {
  shared ??= createToolchain({
    lock: readToolsLock(),
    env: process.env,
    cacheDir: defaultCacheDir(),
    downloader: createDownloader(),
  });
  return shared;
}

function cachePath(cacheDir: string, name: string, tool: PinnedTool): string {
  const folder = join(cacheDir, name, `${tool.version}-${hostPlatform()}`);
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  return join(folder, name);
}

function headline(name: string, tool: PinnedTool, { index, count }: Position): string {
  return `tool ${index} of ${count}: ${name} ${tool.version} (${tool.why})`;
}

function unavailable(
  name: string,
  goVersion: string,
  reasons: readonly string[],
  cause?: unknown,
): KeelsonError {
  return new KeelsonError(
    'tool-missing',
    `tool ${name} is needed but can't be had (${reasons.join('; ')}); install Go >= ${goVersion}, or set ` +
      `${toolVariable(name)} to its path, or allow access to its official download`,
    { cause },
  );
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
