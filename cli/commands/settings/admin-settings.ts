import type { Command } from 'commander';
import { readSettings } from '../../../core/settings/words/read-settings.ts';
import type { CliContext } from '../../command.ts';
import { formatProblems, readWords } from '../../flags/setting-words.ts';
import { unsuccessfulStatus } from '../../terminal/output.ts';
import { plainText } from '../../terminal/text.ts';

/** Adds `keelson admin settings`, which works on files and asks no server; answers with it for further commands. */
export function addAdminSettings(admin: Command, context: CliContext): Command {
  const settings = admin.command('settings').description('check settings in files, without a server');
  settings
    .command('validate')
    .description('say what Keelson makes of each key of a settings file')
    .requiredOption('--argocd-cm-path <file>', 'manifest with ConfigMap argocd-cm, - for standard input')
    .option('--argocd-cmd-params-cm-path <file>', 'manifest with ConfigMap argocd-cmd-params-cm')
    .action(async (flags: { argocdCmPath: string; argocdCmdParamsCmPath?: string }) => {
      const words = await readWords(context, flags.argocdCmPath);
      const params =
        flags.argocdCmdParamsCmPath === undefined
          ? {}
          : await readWords(context, flags.argocdCmdParamsCmPath);
      const { problems } = readSettings({ ...words, ...params });
      context.print(
        formatProblems(problems)
          .split('\n')
          .map((line) => plainText(line))
          .join('\n'),
      );
      const errors = problems.filter(({ weight }) => weight !== 'unused').length;
      context.print(
        errors === 0
          ? 'settings are valid\n'
          : `settings have ${errors === 1 ? '1 error' : `${errors} errors`}\n`,
      );
      if (errors > 0) context.exitWith(unsuccessfulStatus);
    });
  return settings;
}
