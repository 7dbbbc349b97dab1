import { join } from 'node:path';
import type { Command } from 'commander';
import { KeelsonError } from '../../../core/errors.ts';
import { formatTime } from '../../../core/text/time.ts';
import { createJq } from '../../../platform/jq/jq.ts';
import { createLuaEngine } from '../../../platform/lua/engine.ts';
import type { CliContext } from '../../command.ts';
import { collect, parseAssignment } from '../../flags/flag-value.ts';
import { findOverrideCases, readOverrideCase } from '../../overrides/override-cases.ts';
import { readObjectFile, readOverrideSettings } from '../../overrides/override-file.ts';
import { tryIgnoring } from '../../overrides/try-ignoring.ts';
import {
  type Attempt,
  type Trial,
  tryAction,
  tryDiscovery,
  tryHealth,
} from '../../overrides/try-override.ts';
import { runDiff } from '../../render/run-diff.ts';
import { unsuccessfulStatus } from '../../terminal/output.ts';

type Flags = { readonly argocdCmPath?: string; readonly dir?: string };
type RunFlags = Flags & { readonly param?: readonly string[] };

/** Cases that create objects expect names and times of this moment. */
const momentOfCases = '2026-01-01T00:00:00Z';

/** Adds `keelson admin settings resource-overrides`. */
export function addResourceOverrides(settings: Command, context: CliContext): void {
  const overrides = settings
    .command('resource-overrides')
    .description('try out what resource.customizations says about an object');
  addFlags(overrides.command('health'))
    .description('judge the health of an object')
    .argument('[file]', 'YAML of the object')
    .action((file: string | undefined, flags: Flags) => attempt(context, tryHealth, file, flags));
  addFlags(overrides.command('ignore-differences'))
    .description('show which fields of an object ignoreDifferences leaves out of comparisons')
    .argument('[file]', 'YAML of the object')
    .action((file: string | undefined, flags: Flags) =>
      attempt(
        context,
        tryIgnoring((states) => runDiff(context, states)),
        file,
        flags,
      ),
    );
  addFlags(overrides.command('list-actions'))
    .description('list the actions that are offered for an object')
    .argument('[file]', 'YAML of the object')
    .action((file: string | undefined, flags: Flags) => attempt(context, tryDiscovery, file, flags));
  addFlags(overrides.command('run-action'))
    .description('show what an action does to an object')
    .argument('[file]', 'YAML of the object')
    .argument('[action]', 'action; cases name it themselves')
    .option('--param <name=value>', 'parameter of the action; may be repeated', collect)
    .action(async (file: string | undefined, action: string | undefined, flags: RunFlags) => {
      if (action === undefined && flags.dir === undefined) {
        throw new KeelsonError('invalid-argument', 'action is not named; write FILE ACTION, or --dir DIR');
      }
      const given = (flags.param ?? []).map((text) => parseAssignment(text, '--param'));
      const values = Object.fromEntries(given.map(({ name, value }) => [name, value]));
      await attempt(context, tryAction(action ?? '', values), file, flags);
    });
}

function addFlags(command: Command): Command {
  return command
    .option(
      '--argocd-cm-path <file>',
      'file with the ConfigMap argocd-cm; without it only built-in rules hold',
    )
    .option('--dir <dir>', 'folder of cases: in each a folder with object.yaml and expected.yaml');
}

async function attempt(
  context: CliContext,
  tried: Attempt,
  file: string | undefined,
  { argocdCmPath, dir }: Flags,
): Promise<void> {
  const settings = await readOverrideSettings(argocdCmPath, context.note);
  const lua = createLuaEngine();
  const jq = createJq();
  try {
    if (dir !== undefined)
      return await attemptCases(context, tried, { settings, lua, jq, now: momentOfCases }, dir);
    if (file === undefined) {
      throw new KeelsonError('invalid-argument', 'object is not given; write FILE, or --dir DIR');
    }
    const now = formatTime(new Date());
    context.print(await tried.show({ settings, lua, jq, now }, await readObjectFile(file)));
  } finally {
    await Promise.all([lua.close(), jq.close()]);
  }
}

async function attemptCases(context: CliContext, tried: Attempt, trial: Trial, dir: string): Promise<void> {
  let failed = 0;
  const cases = await findOverrideCases(dir);
  for (const name of cases) {
    const difference = await attemptCase(tried, trial, join(dir, name)).catch((error: unknown) => {
      // A case that can't even be read has failed; the others are tried all the same.
      if (error instanceof KeelsonError) return error.message;
      throw error;
    });
    if (difference !== '') failed++;
    const title = name || '.';
    context.print(difference === '' ? `passed ${title}\n` : `failed ${title}: ${difference}\n`);
  }
  context.print(`${cases.length - failed} passed, ${failed} failed\n`);
  if (failed > 0) context.exitWith(unsuccessfulStatus);
}

async function attemptCase(tried: Attempt, trial: Trial, folder: string): Promise<string> {
  const { object, expected } = await readOverrideCase(folder);
  return tried.compare(trial, object, expected);
}
