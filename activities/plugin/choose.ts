import { KeelsonError } from '../../core/errors.ts';
import { discover } from '../../core/plugin/discovery.ts';
import { discovers } from '../../core/plugin/plugin-file.ts';
import { filesIn } from './files-in.ts';
import type { Plugin, PluginTask } from './plugin.ts';
import type { Roll } from './plugins.ts';

/** The first plugin that discovers a folder; undefined when none does. */
export async function discoveringPlugin(
  { answering }: Pick<Roll, 'answering'>,
  task: PluginTask,
): Promise<Plugin | undefined> {
  for (const plugin of answering) {
    if (await matches(plugin, task)) return plugin;
  }
  return undefined;
}

/** The plugin of a source that wants one and names none: the first that discovers its folder. */
export async function unnamedPlugin(
  { answering, unresponsive }: Pick<Roll, 'answering' | 'unresponsive'>,
  task: PluginTask,
): Promise<Plugin> {
  const plugin = await discoveringPlugin({ answering }, task);
  if (plugin !== undefined) return plugin;
  const unasked = unresponsive.length === 0 ? '' : `; ${unresponsiveRemedy(unresponsive)}`;
  throw new KeelsonError(
    'not-found',
    `no plugin discovers the folder (there are: ${namesOf(answering)}); set plugin.name${unasked}`,
  );
}

/** Which plugins were not asked, and what to do about it. */
export function unresponsiveRemedy(unresponsive: readonly string[]): string {
  return `not asked since they don't answer: ${unresponsive.join(', ')}; start their sidecars again, or remove the sockets of those that are gone for good`;
}

/** The plugin that a source names. */
export async function namedPlugin(
  plugins: readonly Plugin[],
  name: string,
  task: PluginTask,
): Promise<Plugin> {
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
