import { chmodSync } from 'node:fs';
import { arch, homedir, platform } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KeelsonError } from '../../core/errors.ts';
import { ownField } from '../../core/own-field.ts';
import { chosenTool, isProgram, toolVariable } from '../../platform/chosen-tool.ts';
import type { Artefact, Obtaining, Purpose } from './artefact.ts';
import type { Downloader } from './download.ts';
import { findOnPath } from './find-tool.ts';
import { buildWithGo, findGo, type GoCompiler, reportingBuild } from './go-build.ts';
import { makeOnce } from './make-once.ts';
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

const toolModules = fileURLToPath(new URL('../tools/', import.meta.url));

/** A toolchain over its own lock, cache and environment. */
export function createToolchain(options: ToolchainOptions): Toolchain {
  const { lock, env, cacheDir, downloader, modulesRoot } = options;
  let go: Promise<GoCompiler> | undefined;

  const pinned = (name: string): PinnedTool => {
    const tool = ownField(lock.tools, name);
    if (tool !== undefined) return tool;
    throw new KeelsonError('invalid-argument', `tool ${name} is not pinned in local/tools.lock.json`);
  };

  const find = async (name: string, tool: PinnedTool): Promise<string | undefined> => {
    const cached = cachePath(cacheDir, name, tool);
    return (
      chosenTool(name, env) ?? (await findOnPath(name, tool, env)) ?? (isProgram(cached) ? cached : undefined)
    );
  };

  const obtain = (name: string, tool: PinnedTool, how: Obtaining): Promise<string> =>
    makeOnce(cachePath(cacheDir, name, tool), isProgram, how, async (part) => {
      const refused = await download(part, tool, how);
      if (refused !== undefined) await build(part, name, tool, how, refused);
      chmodSync(part, 0o755);
    });

  const download = async (part: string, tool: PinnedTool, how: Obtaining): Promise<string | undefined> => {
    const source = ownField(tool.downloads, hostPlatform());
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
    go ??= findGo(lock.goVersion, env);
    const compiler = await go;
    if ('problem' in compiler) throw unavailable(name, lock.goVersion, [refused, compiler.problem]);
    const { variables } = tool.goBuild;
    try {
      await reportingBuild(tool.goBuild.expectedSeconds, how, () =>
        buildWithGo(part, {
          goPath: compiler.path,
          env,
          signal: how.signal,
          moduleDir: join(modulesRoot ?? toolModules, tool.goBuild.module),
          package: tool.goBuild.package,
          variables,
        }),
      );
    } catch (cause) {
      how.signal.throwIfAborted();
      throw unavailable(name, lock.goVersion, [refused, messageOf(cause)], cause);
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
