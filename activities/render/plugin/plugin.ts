import { KeelsonError } from '../../../core/errors.ts';
import { formatJson } from '../../../core/object/json/json.ts';
import { readPrintedManifests } from '../../../core/object/manifest/read-manifests.ts';
import { impossibleVariable, pluginVariables } from '../../../core/plugin/environment.ts';
import type { ParameterAnnouncement } from '../../../core/plugin/plugin-file.ts';
import { doubtWarning } from '../../../core/render-trust.ts';
import { discoveringPlugin, namedPlugin, unnamedPlugin, unresponsiveRemedy } from '../../plugin/choose.ts';
import type { Plugin, PluginTask } from '../../plugin/plugin.ts';
import type { Roll } from '../../plugin/plugins.ts';
import { substitute } from '../environment.ts';
import { manifestFailure, renderFailure, withoutMachinePaths } from '../failure.ts';
import type { FoundFolder, Rendered, Rendering } from '../request.ts';
import type { Claim } from '../tool-renderer.ts';

/** Lets the plugin that a source names render it; one without a name is the one that discovers the folder. */
export async function renderPlugin(folder: FoundFolder): Promise<Rendered> {
  const plugin = await namedBySource(folder);
  return await generated(await folder.onDisk(), plugin);
}

/** What the plugin that a source names says can be set. */
export async function pluginParameters(folder: FoundFolder): Promise<readonly ParameterAnnouncement[]> {
  const plugin = await namedBySource(folder);
  return await announced(await folder.onDisk(), plugin);
}

/** The first plugin that discovers a folder which nobody named a tool for. */
export async function claimForPlugin(folder: FoundFolder): Promise<Claim | undefined> {
  if (folder.plugins === undefined) return undefined;
  const roll = await inSource(folder, () => rollOf(folder));
  // Files are written only for somebody to look at them.
  if (roll.answering.length === 0) return undefined;
  const rendering = await folder.onDisk();
  const plugin = await inSource(rendering, () => discoveringPlugin(roll, taskOf(rendering)));
  if (plugin === undefined) return undefined;
  return {
    render: () => generated(rendering, plugin),
    parameters: () => announced(rendering, plugin),
  };
}

async function namedBySource(folder: FoundFolder): Promise<Plugin> {
  const { source, plugins, settings } = folder;
  const name = source.plugin?.name ?? '';
  const roll = name === '' ? await inSource(folder, () => rollOf(folder)) : undefined;
  const rendering = await folder.onDisk();
  return await inSource(rendering, async () =>
    roll === undefined
      ? await namedPlugin((await plugins?.list(settings.plugins)) ?? [], name, taskOf(rendering))
      : await unnamedPlugin(roll, taskOf(rendering)),
  );
}

/** Why a source that no tool was named for and that came to nothing may be a plugin's; undefined when all were asked. */
export async function unaskedPlugins(folder: FoundFolder): Promise<string | undefined> {
  if (folder.isToolChosen) return undefined;
  const { unresponsive } = await rollOf(folder);
  return unresponsive.length === 0 ? undefined : unresponsiveRemedy(unresponsive);
}

/** The plugins to ask: those that the inputs were found with, so that a render is stored for what it is. */
async function rollOf({
  plugins,
  settings,
  unresponsive,
}: FoundFolder): Promise<Pick<Roll, 'answering' | 'unresponsive'>> {
  const roll = (await plugins?.roll(settings.plugins)) ?? { answering: [], unresponsive: [] };
  if (unresponsive === undefined) return roll;
  const gone = roll.unresponsive.find((address) => !unresponsive.includes(address));
  if (gone !== undefined) {
    throw new KeelsonError('unavailable', `plugin ${gone}: it has just stopped answering; try again`, {
      retryable: true,
    });
  }
  return { answering: roll.answering.filter(({ address }) => !unresponsive.includes(address)), unresponsive };
}

/** Lets a plugin print the manifests. */
async function generated(rendering: Rendering, plugin: Plugin): Promise<Rendered> {
  const output = await inSource(rendering, () => plugin.generate(taskOf(rendering)));
  const { manifests, issues, doubts } = readPrintedManifests(output, `output of plugin ${plugin.address}`);
  if (issues.length > 0) throw manifestFailure(rendering, issues);
  return { manifests, warnings: doubts.map(doubtWarning) };
}

async function announced(rendering: Rendering, plugin: Plugin): Promise<readonly ParameterAnnouncement[]> {
  return await inSource(rendering, () => plugin.parameters(taskOf(rendering)));
}

function taskOf(rendering: Rendering): PluginTask {
  const { root, folder, scratch, signal, limits, source, kubeVersion, apiVersions } = rendering;
  const variables = {
    ...rendering.variables,
    ...pluginVariables(source.plugin ?? {}, { kubeVersion, apiVersions }, (text) =>
      substitute(text, rendering.variables),
    ),
  };
  const impossible = impossibleVariable(variables);
  if (impossible !== undefined) {
    throw new KeelsonError(
      'invalid-argument',
      `plugin variable ${formatJson(impossible)} can't be given to a program; leave out = and NUL`,
    );
  }
  const { timeoutSeconds, maxOutputBytes } = limits;
  return {
    ...{ root, folder, scratch, variables, signal },
    project: rendering.application.project,
    limits: { timeoutSeconds, maxOutputBytes },
  };
}

/** Names in a plugin's failure the source that it was about. */
async function inSource<T>(folder: FoundFolder | Rendering, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof KeelsonError)) throw cause;
    const { code, message, retryable } = cause;
    const said = 'root' in folder ? withoutMachinePaths(folder, message) : message;
    throw renderFailure(folder, said, { code, retryable, cause });
  }
}
