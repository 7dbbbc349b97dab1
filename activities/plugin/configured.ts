import { chmod, cp, lstat, mkdir, readdir } from 'node:fs/promises';
import { basename, isAbsolute, join, relative } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import { ownField } from '../../core/own-field.ts';
import type { PluginFile } from '../../core/plugin/plugin-file.ts';
import { findProgram } from '../../platform/sandbox/programs.ts';
import { removeTree } from '../../platform/sandbox/remove.ts';
import type { Sandbox } from '../../platform/sandbox/sandbox.ts';
import { type CacheFolder, type PluginCaches, withCache } from './cache.ts';
import type { Plugin, PluginTask } from './plugin.ts';
import { type PluginCopy, type PluginSteps, pluginSteps, type RunProgram } from './steps.ts';

export type ConfiguredOptions = {
  readonly sandbox: Sandbox;
  readonly caches: PluginCaches;
  /** Variables that the operator offers to plugins. */
  readonly offered: Readonly<Record<string, string>>;
};

const searchPath = '/usr/local/bin:/usr/bin:/bin';

/** A plugin out of the settings, run by this worker in a sandbox with what its file asks for. */
export function configuredPlugin(plugin: PluginFile, options: ConfiguredOptions): Plugin {
  const perform = async <T>(task: PluginTask, work: (steps: PluginSteps) => Promise<T>): Promise<T> => {
    const variables = variablesOf(plugin, options.offered);
    const scratch = join(task.scratch, 'plugin');
    await mkdir(scratch, { mode: 0o700 });
    try {
      const copy = await copyOf(plugin, task, scratch);
      return await withCache(plugin, task, options.caches, (cache) => {
        const runProgram = runner(plugin, options.sandbox, { task, scratch, cache, variables });
        return work(pluginSteps(plugin, copy, task.limits, runProgram));
      });
    } finally {
      await removeTree(scratch);
    }
  };
  return {
    address: plugin.address,
    discovery: async () => plugin.discovery,
    ask: (task) => perform(task, (steps) => steps.ask()),
    generate: (task) => perform(task, (steps) => steps.generate()),
    parameters: (task) =>
      plugin.parameters.command === undefined
        ? Promise.resolve(plugin.parameters.announced)
        : perform(task, (steps) => steps.parameters()),
  };
}

/** A file that asks for what isn't offered would print something else than its author saw. */
function variablesOf(
  { address, rights }: PluginFile,
  offered: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const wanted = rights.variables ?? [];
  const missing = wanted.find((name) => ownField(offered, name) === undefined);
  if (missing !== undefined) {
    throw new KeelsonError(
      'precondition-failed',
      `plugin ${address}: variable ${missing} isn't offered by the worker; set KEELSON_PLUGIN_ENV_${missing} there or take it out of the plugin`,
    );
  }
  return Object.fromEntries(wanted.map((name) => [name, ownField(offered, name) ?? '']));
}

async function copyOf(plugin: PluginFile, task: PluginTask, scratch: string): Promise<PluginCopy> {
  const root = join(scratch, 'files');
  await cp(task.root, root, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => basename(path) !== '.git',
  });
  await makeWritable(root, plugin.preserveFileMode);
  return { root, folder: join(root, relative(task.root, task.folder)) };
}

/** Checkouts may be shared and without right to write; a plugin works in its copy. */
async function makeWritable(folder: string, keepsModes: boolean): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await makeWritable(path, keepsModes);
    else if (entry.isFile()) {
      const isProgram = keepsModes && ((await lstat(path)).mode & 0o111) !== 0;
      await chmod(path, isProgram ? 0o755 : 0o644);
    }
  }
}

type Surroundings = {
  readonly task: PluginTask;
  readonly scratch: string;
  readonly cache: CacheFolder | undefined;
  readonly variables: Readonly<Record<string, string>>;
};

function runner(
  plugin: PluginFile,
  sandbox: Sandbox,
  { task, scratch, cache, variables }: Surroundings,
): RunProgram {
  const env = {
    PATH: searchPath,
    HOME: scratch,
    TMPDIR: scratch,
    XDG_CONFIG_HOME: scratch,
    LC_ALL: 'C.UTF-8',
    ...(cache === undefined ? {} : { XDG_CACHE_HOME: cache.path, KEELSON_PLUGIN_CACHE: cache.path }),
    ...task.variables,
    ...variables,
  };
  return async (command, args, how) => {
    const program = isAbsolute(command) ? command : await findProgram(searchPath, command);
    return await sandbox.run(program ?? command, args, {
      ...how,
      env,
      readable: [],
      writable: [scratch, ...(cache === undefined ? [] : [cache.path])],
      // Plugins are scripts: they start programs of the base system.
      system: true,
      startsWritten: true,
      network: plugin.rights.network,
      secrets: Object.values(variables),
      ...(task.signal === undefined ? {} : { signal: task.signal }),
    });
  };
}
