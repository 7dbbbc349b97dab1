import { isToolChosen } from '../../core/application/source/source.ts';
import { KeelsonError } from '../../core/errors.ts';
import { formatJson } from '../../core/object/json/json.ts';
import { readPrintedManifests } from '../../core/object/manifest/read-manifests.ts';
import { impossibleVariable, pluginVariables } from '../../core/plugin/environment.ts';
import type { ParameterAnnouncement } from '../../core/plugin/plugin-file.ts';
import { doubtWarning } from '../../core/render-trust.ts';
import { choosePlugin, namedPlugin, silenceOf } from '../plugin/choose.ts';
import type { Plugin, PluginTask } from '../plugin/plugin.ts';
import type { Roll } from '../plugin/plugins.ts';
import { substitute } from './environment.ts';
import { manifestFailure, renderFailure, withoutMachinePaths } from './failure.ts';
import type { FoundFolder, Rendered, Rendering } from './request.ts';

/** The plugin that renders a source: the one it names, or one that discovers it; undefined for other tools. */
export async function pluginOf(folder: FoundFolder): Promise<Plugin | undefined> {
  const { source, plugins, settings } = folder;
  if (plugins === undefined && source.plugin === undefined) return undefined;
  const name = source.plugin?.name ?? '';
  const roll = name === '' ? await told(folder, () => rollOf(folder)) : undefined;
  // Files are written only for somebody to look at them.
  if (roll?.answering.length === 0 && source.plugin === undefined) return undefined;
  const rendering = await folder.onDisk();
  return await told(rendering, async () =>
    roll === undefined
      ? await namedPlugin((await plugins?.list(settings.plugins)) ?? [], name, taskOf(rendering))
      : await choosePlugin(roll, source.plugin, taskOf(rendering)),
  );
}

/** Why a source that no tool was named for and that came to nothing may be a plugin's; undefined when all were asked. */
export async function unaskedPlugins(folder: FoundFolder): Promise<string | undefined> {
  if (isToolChosen(folder.source)) return undefined;
  const { silent } = await rollOf(folder);
  return silent.length === 0 ? undefined : silenceOf(silent);
}

/** The plugins to ask: those that the inputs were found with, so that a render is stored for what it is. */
async function rollOf({
  plugins,
  settings,
  silent,
}: FoundFolder): Promise<Pick<Roll, 'answering' | 'silent'>> {
  const roll = (await plugins?.roll(settings.plugins)) ?? { answering: [], silent: [] };
  if (silent === undefined) return roll;
  const gone = roll.silent.find((address) => !silent.includes(address));
  if (gone !== undefined) {
    throw new KeelsonError('unavailable', `plugin ${gone}: it has just stopped answering; try again`, {
      retryable: true,
    });
  }
  return { answering: roll.answering.filter(({ address }) => !silent.includes(address)), silent };
}

/** Lets a plugin print the manifests. */
export async function renderPlugin(rendering: Rendering, plugin: Plugin): Promise<Rendered> {
  const output = await told(rendering, () => plugin.generate(taskOf(rendering)));
  const { manifests, issues, doubts } = readPrintedManifests(output, `output of plugin ${plugin.address}`);
  if (issues.length > 0) throw manifestFailure(rendering, issues);
  return { manifests, warnings: doubts.map(doubtWarning) };
}

/** What a plugin says can be set. */
export async function announcedBy(
  rendering: Rendering,
  plugin: Plugin,
): Promise<readonly ParameterAnnouncement[]> {
  return await told(rendering, () => plugin.parameters(taskOf(rendering)));
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

/** Says of a plugin's failure which repository it was about. */
async function told<T>(folder: FoundFolder | Rendering, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof KeelsonError)) throw cause;
    const { code, message, retryable } = cause;
    const said = 'root' in folder ? withoutMachinePaths(folder, message) : message;
    throw renderFailure(folder, said, { code, retryable, cause });
  }
}
