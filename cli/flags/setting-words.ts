import { noEffectMaps, readSettingsFile } from '../../core/settings/words/config-maps.ts';
import {
  formatSettingsProblem,
  type SettingsProblem,
  type SettingsWords,
  settingMapNames,
} from '../../core/settings/words/problem.ts';
import type { CliContext } from '../command.ts';
import { readNamedFile } from '../files/read-path.ts';
import { formatYaml } from '../terminal/output.ts';
import { readInput } from '../terminal/prompt.ts';
import { plainText } from '../terminal/text.ts';

/** The words of the ConfigMaps in a file, `-` for standard input. */
export async function readWords(context: CliContext, path: string): Promise<SettingsWords> {
  if (path === '-') return wordsOf(context, await readInput(context), 'standard input');
  return wordsOf(context, await readNamedFile(path), path);
}

/** Says which other ConfigMaps of the text are passed over though they mean something to others. */
function wordsOf(context: CliContext, text: string, file: string): SettingsWords {
  const words = readSettingsFile(text, file);
  for (const line of noEffectMaps(text, file)) context.note(plainText(`note: ${line}`));
  return words;
}

/** The words as the ConfigMaps that they came from, ready to be applied again. */
export function formatConfigMaps(words: SettingsWords): string {
  const maps = settingMapNames.flatMap((name) =>
    words[name] === undefined ? [] : [configMap(name, words[name])],
  );
  return maps.map((map) => formatYaml(map)).join('---\n');
}

function configMap(name: string, data: Readonly<Record<string, string>>) {
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'argocd' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data };
}

const words: Readonly<Record<SettingsProblem['weight'], string>> = {
  unsafe: 'error',
  invalid: 'error',
  unused: 'note',
};

/** A line per problem, errors first. */
export function formatProblems(problems: readonly SettingsProblem[]): string {
  return [...problems]
    .sort((a, b) => Number(a.weight === 'unused') - Number(b.weight === 'unused'))
    .map((problem) => `${words[problem.weight]}: ${formatSettingsProblem(problem)}\n`)
    .join('');
}
