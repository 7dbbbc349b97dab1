import { KeelsonError } from '../../core/errors.ts';
import { formatIssues } from '../../core/issue.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { readManifests } from '../../core/object/manifest/read-manifests.ts';
import { defaultSettings, type Settings } from '../../core/settings/settings.ts';
import { readSettingsFile } from '../../core/settings/words/config-maps.ts';
import { formatSettingsProblem } from '../../core/settings/words/problem.ts';
import { readSettings } from '../../core/settings/words/read-settings.ts';
import { readNamedFile } from '../files/read-path.ts';

/**
 * The settings in a file that holds the ConfigMap `argocd-cm`. What is wrong with its overrides is an error, and what of
 * them has no effect a note.
 */
export async function readOverrideSettings(
  path: string | undefined,
  note: (text: string) => void,
): Promise<Settings> {
  if (path === undefined) return defaultSettings;
  const { settings, problems } = readSettings(readSettingsFile(await readNamedFile(path), path));
  const ours = problems.filter(({ key }) => key.startsWith(overridesKey));
  const broken = ours.find(({ weight }) => weight !== 'unused');
  if (broken !== undefined) {
    throw new KeelsonError('manifest-invalid', `${path}: ${formatSettingsProblem(broken)}`);
  }
  for (const problem of ours) note(`note: ${path}: ${formatSettingsProblem(problem)}`);
  return settings;
}

const overridesKey = 'resource.customizations';

/** The one object in a file. */
export async function readObjectFile(path: string): Promise<Manifest> {
  const { manifests, issues } = readManifests(await readNamedFile(path), path);
  if (issues.length > 0) throw new KeelsonError('manifest-invalid', formatIssues(issues));
  const [object] = manifests;
  if (object !== undefined && manifests.length === 1) return object;
  throw new KeelsonError(
    'manifest-invalid',
    `${path}: holds ${manifests.length} objects; give a file with one`,
  );
}
