import { readSettingsFile } from '../core/settings/config-maps.ts';
import {
  formatSettingsProblem,
  type SettingsProblem,
  type SettingsWords,
  settingMapNames,
} from '../core/settings/problem.ts';
import type { CliContext } from './command.ts';
import { formatYaml } from './output.ts';
import { readInput } from './prompt.ts';
import { readNamedFile } from './read-path.ts';

/** The words of the ConfigMaps in a file, `-` for standard input. */
export async function readWords(context: CliContext, path: string): Promise<SettingsWords> {
  if (path === '-') return readSettingsFile(await readInput(context), 'standard input');
  return readSettingsFile(await readNamedFile(path), path);
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
