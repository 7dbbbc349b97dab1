import type { PluginSource } from '../../core/application/source-spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { discover } from '../../core/plugin/discovery.ts';
import { discovers } from '../../core/plugin/plugin-file.ts';
import { filesIn } from './files-in.ts';
import type { Plugin, PluginTask } from './plugin.ts';

/**
 * The plugin for a folder: the named one, or the first that discovers it; undefined when the source names none and
 * none wants it. A plugin that can't be asked fails the choice: the folder may be its own, and another tool would make
 * other objects of it, or none, which a sync with pruning would take for the wish to delete.
 */
export async function choosePlugin(
  plugins: readonly Plugin[],
  source: PluginSource | undefined,
  task: PluginTask,
): Promise<Plugin | undefined> {
  const name = source?.name ?? '';
  if (name !== '') return await named(plugins, name, task);
  for (const plugin of plugins) {
    if (await matches(plugin, task)) return plugin;
  }
  if (source === undefined) return undefined;
  throw new KeelsonError(
    'not-found',
    `no plugin discovers the folder (there are: ${namesOf(plugins)}); set plugin.name`,
  );
}

async function named(plugins: readonly Plugin[], name: string, task: PluginTask): Promise<Plugin> {
  const plugin = plugins.find(({ address }) => address === name);
  if (plugin === undefined) {
    throw new KeelsonError(
      'not-found',
      `plugin ${name} is not there (there are: ${namesOf(plugins)}); correct plugin.name, which has the plugin's version after a hyphen, or add the plugin`,
    );
  }
  if (!discovers(await plugin.discovery()) || (await matches(plugin, task))) return plugin;
  throw new KeelsonError(
    'precondition-failed',
    `plugin ${name} doesn't take this folder, since what it discovers by isn't there; add that or remove discover from the plugin`,
  );
}

async function matches(plugin: Plugin, task: PluginTask): Promise<boolean> {
  const discovery = await plugin.discovery();
  if (!discovers(discovery)) return false;
  const found = discover(discovery, await filesIn(task.folder));
  return found === 'ask' ? await plugin.ask(task) : found === 'match';
}

function namesOf(plugins: readonly Plugin[]): string {
  return plugins.map(({ address }) => address).join(', ') || 'none';
}
