import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import { type Discovery, discovers, type PluginFile } from '../../core/plugin/plugin-file.ts';
import { type ConfiguredOptions, configuredPlugin } from './configured.ts';
import type { Plugin } from './plugin.ts';
import { sidecarPlugin } from './sidecar.ts';

/** The config management plugins of this worker. */
export type Plugins = {
  /** In the order in which they are asked; of two with one name the sidecar counts. */
  list(configured: readonly PluginFile[]): Promise<readonly Plugin[]>;
  /** How they find folders by themselves, of those that do. */
  discoveries(configured: readonly PluginFile[]): Promise<readonly Discovery[]>;
};

export type PluginsOptions = ConfiguredOptions & {
  /** Folder of the sidecars' sockets; undefined where there are none. */
  readonly socketDir: string | undefined;
};

const ending = '.sock';

/** Plugins from the sockets of a folder and from the settings, by their names. */
export function createPlugins(options: PluginsOptions): Plugins {
  const list = async (configured: readonly PluginFile[]): Promise<readonly Plugin[]> => {
    const plugins = new Map(configured.map((file) => [file.address, configuredPlugin(file, options)]));
    for (const name of await socketsIn(options.socketDir)) {
      const address = name.slice(0, -ending.length);
      plugins.set(address, sidecarPlugin(address, join(options.socketDir ?? '', name)));
    }
    return [...plugins.values()].sort((left, right) => (left.address < right.address ? -1 : 1));
  };
  return {
    list,
    discoveries: async (configured) => {
      const plugins = await list(configured);
      const all = await Promise.all(plugins.map((plugin) => plugin.discovery()));
      return all.filter(discovers);
    },
  };
}

async function socketsIn(folder: string | undefined): Promise<string[]> {
  if (folder === undefined) return [];
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(ending));
  } catch (cause) {
    throw new KeelsonError(
      'unavailable',
      `plugin sockets: folder ${folder} can't be read; mount it or correct KEELSON_PLUGIN_SOCKETS`,
      { retryable: true, cause },
    );
  }
}
