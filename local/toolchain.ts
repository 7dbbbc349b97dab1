import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { arch, homedir, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { KeelsonError } from '../core/errors.ts';
import type { Artefact, Obtaining, Purpose } from './artefact.ts';
import { stopLeftover } from './child.ts';
import type { Downloader } from './download.ts';
import { takeLock } from './file-lock.ts';
import { chosenTool, findOnPath, isProgram, toolVariable } from './find-tool.ts';
import { buildPidFile, buildWithGo, findGo, type GoCompiler } from './go-build.ts';
import type { PinnedTool, ToolsLock } from './tools-lock.ts';

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

/** Finds, downloads or builds pinned tools. */
export type Toolchain = {
  /** The entry of a pinned tool in the list of what is obtained. */
  artefact(name: string, neededFor: readonly Purpose[]): Artefact;
};

/** Everything unfinished of a tool lies in folders of this prefix beside its place. */
const workPrefix = '.part-';

/** A toolchain over its own lock, cache and environment. */
export function createToolchain(options: ToolchainOptions): Toolchain {
  const { lock, env, cacheDir, downloader, modulesRoot } = options;
  let go: Promise<GoCompiler> | undefined;

  const pinned = (name: string): PinnedTool => {
    const tool = lock.tools[name];
    if (tool !== undefined) return tool;
    throw new KeelsonError('invalid-argument', `tool ${name} is not pinned in local/tools.lock.json`);
  };

  const find = async (name: string, tool: PinnedTool): Promise<string | undefined> => {
    const cached = cachePath(cacheDir, name, tool);
    return (
      chosenTool(name, env) ?? (await findOnPath(name, tool, env)) ?? (isProgram(cached) ? cached : undefined)
    );
  };

  const obtain = async (name: string, tool: PinnedTool, how: Obtaining): Promise<string> => {
    const path = cachePath(cacheDir, name, tool);
    mkdirSync(dirname(path), { recursive: true });
    const waiting = (ownerPid: number) => how.progress(`waiting for pid ${ownerPid}, which fetches it`);
    const held = await takeLock(`${path}.lock`, waiting, how.signal);
    try {
      if (!isProgram(path)) await fetchInto(path, name, tool, how);
      return path;
    } finally {
      held.release();
    }
  };

  /** Works in a folder of its own and moves the finished program into place, so that no half of one is ever found. */
  const fetchInto = async (path: string, name: string, tool: PinnedTool, how: Obtaining): Promise<void> => {
    await removeUnfinished(dirname(path));
    const workDir = mkdtempSync(join(dirname(path), workPrefix));
    try {
      const part = join(workDir, name);
      const refused = await download(part, tool, how);
      if (refused !== undefined) await build(part, name, tool, how, refused);
      chmodSync(part, 0o755);
      renameSync(part, path);
    } finally {
      rmSync(workDir, { recursive: true, force: true, maxRetries: 5 });
    }
  };

  const download = async (part: string, tool: PinnedTool, how: Obtaining): Promise<string | undefined> => {
    const source = tool.downloads[hostPlatform()];
    if (source === undefined || source === null) return `no official release for ${hostPlatform()}`;
    try {
      await downloader.fetchTool(source, part, how);
      how.say('downloaded');
      return undefined;
    } catch (cause) {
      how.signal.throwIfAborted();
      return messageOf(cause); // the Go build is the remedy; the reason is shown when that fails too
    }
  };

  const build = async (part: string, name: string, tool: PinnedTool, how: Obtaining, refused: string) => {
    const { expectedSeconds } = tool.goBuild;
    const started = Date.now();
    const seconds = () => Math.round((Date.now() - started) / 1000);
    go ??= findGo(lock.goVersion, env);
    const compiler = await go;
    if ('problem' in compiler) throw unavailable(name, lock.goVersion, [refused, compiler.problem]);
    how.say(`building with Go, about ${expectedSeconds} s the first time`);
    const ticker = setInterval(
      () => how.progress(`building, ${seconds()} of about ${expectedSeconds} s`),
      1000,
    );
    try {
      await buildWithGo(tool.goBuild, part, {
        goPath: compiler.path,
        env,
        signal: how.signal,
        workDir: dirname(part),
        ...(modulesRoot === undefined ? {} : { modulesRoot }),
      });
      how.say(`built in ${seconds()} s`);
    } catch (cause) {
      how.signal.throwIfAborted();
      throw unavailable(name, lock.goVersion, [refused, messageOf(cause)], cause);
    } finally {
      clearInterval(ticker);
    }
  };

  return {
    artefact: (name, neededFor) => {
      const tool = pinned(name);
      return {
        name,
        title: `${name} ${tool.version} (${tool.why})`,
        neededFor,
        optional: false,
        // Programs of one module share most of their packages; built at once, both would compile them.
        family: tool.goBuild.module,
        expectedSeconds: tool.goBuild.expectedSeconds,
        find: () => find(name, tool),
        obtain: (how) => obtain(name, tool, how),
      };
    },
  };
}

/** The folder of tools: the one that is named, or one in the user's cache. */
export function toolsFolder(env: NodeJS.ProcessEnv = process.env): string {
  return (
    env['KEELSON_TOOLS_DIR'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'keelson', 'tools')
  );
}

/** The machine in the words of release files: `linux-amd64`. */
export function hostPlatform(): string {
  return `${platform()}-${arch() === 'x64' ? 'amd64' : arch()}`;
}

/** Called while the tool's lock is held: whatever is unfinished there belongs to a start that was killed. */
async function removeUnfinished(folder: string): Promise<void> {
  const names = readdirSync(folder).filter((name) => name.startsWith(workPrefix));
  for (const name of names) {
    await stopLeftover(join(folder, name, buildPidFile));
    rmSync(join(folder, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

function cachePath(cacheDir: string, name: string, tool: PinnedTool): string {
  return join(cacheDir, name, `${tool.version}-${hostPlatform()}`, name);
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
