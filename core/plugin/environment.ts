import type { PluginSource } from '../application/source/source-spec.ts';
import { formatJson } from '../object/json/json.ts';
import { setField } from '../own-field.ts';

/** What a plugin is told of the destination cluster. */
export type PluginCluster = {
  readonly kubeVersion: string | undefined;
  readonly apiVersions: readonly string[] | undefined;
};

/**
 * The variables of a plugin beside the build variables: the cluster's, those of the source under `ARGOCD_ENV_`, and the
 * parameters as JSON and one by one. `substitute` puts build variables into values.
 */
export function pluginVariables(
  source: PluginSource,
  cluster: PluginCluster,
  substitute: (text: string) => string,
): Readonly<Record<string, string>> {
  const { env = [], parameters = [] } = source;
  const variables: Record<string, string> = {
    KUBE_VERSION: (cluster.kubeVersion ?? '').replace(/^v/, ''),
    KUBE_API_VERSIONS: (cluster.apiVersions ?? []).join(','),
  };
  for (const { name, value } of env) variables[`ARGOCD_ENV_${name}`] = substitute(value);
  variables['ARGOCD_APP_PARAMETERS'] = formatJson(parameters);
  for (const { name = '', string, map = {}, array = [] } of parameters) {
    const base = `PARAM_${variableName(name)}`;
    if (string !== undefined) setField(variables, base, string);
    for (const [key, value] of Object.entries(map))
      setField(variables, `${base}_${variableName(key)}`, value);
    for (const [index, value] of array.entries()) setField(variables, `${base}_${index}`, value);
  }
  return variables;
}

/** The first variable that no program can be started with, by its name. */
export function impossibleVariable(variables: Readonly<Record<string, string>>): string | undefined {
  const found = Object.entries(variables).find(([name, value]) => /[=\0]/.test(name) || value.includes('\0'));
  return found?.[0];
}

function variableName(text: string): string {
  return text.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_');
}
