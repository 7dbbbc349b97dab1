import { KeelsonError } from '../core/errors.ts';
import { formatIssues } from '../core/issue.ts';
import type { Manifest } from '../core/object/manifest.ts';
import { readManifests } from '../core/object/read-manifests.ts';
import { readSettingsFile } from '../core/settings/config-maps.ts';
import { formatSettingsProblem } from '../core/settings/problem.ts';
import { readSettings } from '../core/settings/read-settings.ts';
import { defaultSettings, type Settings } from '../core/settings/settings.ts';
import { readNamedFile } from './read-path.ts';

/** The settings in a file that holds the ConfigMap `argocd-cm`; what is wrong with its overrides is an error. */
export async function readOverrideSettings(path: string | undefined): Promise<Settings> {
  if (path === undefined) return defaultSettings;
  const { settings, problems } = readSettings(readSettingsFile(await readNamedFile(path), path));
  const broken = problems.find(({ key, weight }) => key.startsWith(overridesKey) && weight !== 'unused');
  if (broken === undefined) return settings;
  throw new KeelsonError('manifest-invalid', `${path}: ${formatSettingsProblem(broken)}`);
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
