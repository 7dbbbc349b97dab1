import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import { type Discovery, discovers, type PluginFile } from '../../core/plugin/plugin-file.ts';
import { createFileLock } from '../git/mirror/lock.ts';
import { type ConfiguredOptions, configuredPlugin } from './configured.ts';
import { type Plugin, PluginUnresponsive } from './plugin.ts';
import { sidecarPlugin } from './sidecar.ts';

/** The config management plugins of this worker. */
export type Plugins = {
  /** In the order in which they are asked; of two with one name the sidecar counts. */
  list(configured: readonly PluginFile[]): Promise<readonly Plugin[]>;
  /** Asks each how it finds folders. One that doesn't answer within seconds is left out, and told in the log. */
  roll(configured: readonly PluginFile[]): Promise<Roll>;
};

/** Who answers. */
export type Roll = {
  readonly answering: readonly Plugin[];
  /** How they find folders by themselves, of those that do. */
  readonly discoveries: readonly Discovery[];
  /** Addresses of the others. */
  readonly unresponsive: readonly string[];
};

export type PluginsOptions = Omit<ConfiguredOptions, 'caches'> & {
  /** Folder of the caches of plugins. */
  readonly cacheDir: string;
  /** Folder of the sidecars' sockets; undefined where there are none. */
  readonly socketDir: string | undefined;
  /** Hears now and then of a sidecar that doesn't answer. */
  readonly onSilence?: (address: string, reason: string) => void;
};

/** A sidecar that let a question wait is not asked again for so long: every render would wait as well. */
const silenceMilliseconds = 30_000;

const ending = '.sock';

/** Plugins from the sockets of a folder and from the settings, by their names. */
export function createPlugins(options: PluginsOptions): Plugins {
  const { sandbox, offered, cacheDir } = options;
  const settings = { sandbox, offered, caches: { dir: cacheDir, lock: createFileLock() } };
  const list = async (configured: readonly PluginFile[]): Promise<readonly Plugin[]> => {
    const plugins = new Map(configured.map((file) => [file.address, configuredPlugin(file, settings)]));
    for (const name of await socketsIn(options.socketDir)) {
      const address = name.slice(0, -ending.length);
      plugins.set(address, sidecarPlugin(address, join(options.socketDir ?? '', name)));
    }
    return [...plugins.values()].sort((left, right) => (left.address < right.address ? -1 : 1));
  };
  const silences = new Map<string, { readonly until: number; readonly waits: boolean }>();

  /** How a plugin discovers; undefined when it doesn't answer. */
  const asked = async (plugin: Plugin): Promise<Discovery | undefined> => {
    const { address } = plugin;
    const before = silences.get(address);
    const isFresh = before !== undefined && performance.now() < before.until;
    if (isFresh && before.waits) return undefined;
    try {
      const discovery = await plugin.discovery();
      silences.delete(address);
      return discovery;
    } catch (error) {
      if (!(error instanceof PluginUnresponsive)) throw error;
      if (!isFresh) {
        const until = performance.now() + silenceMilliseconds;
        silences.set(address, { until, waits: error.waits });
        options.onSilence?.(address, error.message);
      }
      return undefined;
    }
  };

  return {
    list,
    roll: async (configured) => {
      const plugins = await list(configured);
      const answers = await Promise.all(
        plugins.map(async (plugin) => ({ plugin, discovery: await asked(plugin) })),
      );
      return {
        answering: answers.filter(({ discovery }) => discovery !== undefined).map(({ plugin }) => plugin),
        discoveries: answers.flatMap(({ discovery }) =>
          discovery !== undefined && discovers(discovery) ? [discovery] : [],
        ),
        unresponsive: answers
          .filter(({ discovery }) => discovery === undefined)
          .map(({ plugin: { address } }) => address),
      };
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
