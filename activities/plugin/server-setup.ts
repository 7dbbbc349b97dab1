import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import { type PluginFile, readPluginFile } from '../../core/plugin/plugin-file.ts';

/** Names that sidecars of the reference have for the file. */
const fileName = 'plugin.yaml';

/** The plugin file of a folder, and what in it has no effect. */
export async function readPluginFileAt(
  folder: string,
): Promise<{ readonly plugin: PluginFile; readonly notes: readonly string[] }> {
  const path = join(folder, fileName);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new KeelsonError(
      'invalid-argument',
      `plugin file ${path} can't be read; mount it there or set --config-dir`,
      { cause },
    );
  });
  const issues: string[] = [];
  const plugin = readPluginFile(text, (message, place = '') => {
    issues.push(place === '' ? message : `${place} ${message}`);
  });
  if (plugin !== undefined) return { plugin, notes: issues.map((issue) => `plugin file ${path}: ${issue}`) };
  throw new KeelsonError('invalid-argument', `plugin file ${path}: ${issues.join('; ')}`);
}

/** What every program needs, whatever a plugin file declares. */
const basicVariables = ['HOME', 'LANG', 'LC_ALL', 'PATH', 'SSL_CERT_DIR', 'SSL_CERT_FILE', 'TZ', 'USER'];
const soundsSecret = /token|secret|password|passwd|credential|key/i;

/**
 * What of a sidecar's variables its plugin gets: those that its file declares, or all where it declares none, since the
 * sidecar is the plugin's own. Values whose names sound secret are hidden in messages.
 */
export function serverEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  declared: readonly string[] | undefined,
): { readonly environment: Readonly<Record<string, string>>; readonly secrets: readonly string[] } {
  const isGiven = (name: string): boolean =>
    declared === undefined || declared.includes(name) || basicVariables.includes(name);
  const given = Object.entries(own).flatMap(([name, value]): [string, string][] =>
    value !== undefined && isGiven(name) ? [[name, value]] : [],
  );
  return {
    environment: Object.fromEntries(given),
    secrets: given.filter(([name]) => soundsSecret.test(name)).map(([, value]) => value),
  };
}
