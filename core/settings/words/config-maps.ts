import { z } from 'zod';
import { KeelsonError } from '../../errors.ts';
import { formatIssues } from '../../issue.ts';
import { noEffectOf } from '../../no-effect/table.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { readManifests } from '../../object/manifest/read-manifests.ts';
import { type SettingMapName, type SettingsWords, settingMapNames } from './problem.ts';

const Words = z.record(z.string(), z.string());

/**
 * The words of the ConfigMaps in a file of manifests; other objects are passed over, so that a whole installation's
 * manifest can be given. Throws when the file can't be read or holds neither.
 */
export function readSettingsFile(text: string, file: string): SettingsWords {
  const { manifests, issues } = readManifests(text, file);
  if (issues.length > 0) throw new KeelsonError('manifest-invalid', formatIssues(issues));
  const words: { [Name in SettingMapName]?: Readonly<Record<string, string>> } = {};
  for (const manifest of manifests) {
    const name = settingMapNames.find((one) => one === manifest.metadata.name);
    if (name === undefined || manifest.apiVersion !== 'v1' || manifest.kind !== 'ConfigMap') continue;
    if (words[name] !== undefined) {
      throw new KeelsonError('manifest-invalid', `${file}: ConfigMap ${name} stands in it twice; remove one`);
    }
    words[name] = wordsOf(manifest, file, name);
  }
  if (Object.keys(words).length > 0) return words;
  throw new KeelsonError(
    'manifest-invalid',
    `${file}: holds no ConfigMap named ${settingMapNames.join(' or ')}; give the manifest that has it`,
  );
}

/** A line for each ConfigMap of a file that means something to others and has no effect yet. */
export function noEffectMaps(text: string, file: string): string[] {
  return readManifests(text, file).manifests.flatMap(({ kind, metadata: { name = '' } }) => {
    const without = kind === 'ConfigMap' ? noEffectOf('ConfigMap', name) : undefined;
    return without === undefined ? [] : [`${name}: has no effect yet: ${without}`];
  });
}

function wordsOf(manifest: Manifest, file: string, name: string): Readonly<Record<string, string>> {
  const read = Words.safeParse(manifest['data'] ?? {});
  if (read.success) return read.data;
  const key = String(read.error.issues[0]?.path[0] ?? 'data');
  throw new KeelsonError(
    'manifest-invalid',
    `${file}: ConfigMap ${name}: ${key} must be a text; put it in quotes or after a |`,
  );
}
