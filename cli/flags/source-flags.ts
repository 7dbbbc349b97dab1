import type { ApplicationSource } from '../../core/application/source/source-spec.ts';
import { parseAssignment, parseInteger } from './flag-value.ts';

type FlagBase = {
  /** Long name without dashes. */
  readonly name: string;
  readonly short?: string;
  readonly description: string;
};

/** A flag and what it changes in a part of the Application. */
export type Flag<Target> =
  | (FlagBase & { readonly kind: 'text'; readonly apply: (target: Target, value: string) => Target })
  | (FlagBase & {
      readonly kind: 'list';
      readonly apply: (target: Target, values: readonly string[]) => Target;
    })
  | (FlagBase & { readonly kind: 'switch'; readonly apply: (target: Target, on: boolean) => Target });

type Source = ApplicationSource;
type Helm = NonNullable<Source['helm']>;
type Kustomize = NonNullable<Source['kustomize']>;
type Directory = NonNullable<Source['directory']>;
type Jsonnet = NonNullable<Directory['jsonnet']>;
type Plugin = NonNullable<Source['plugin']>;

const helm = (source: Source, change: Partial<Helm>): Source => ({
  ...source,
  helm: { ...source.helm, ...change },
});
const kustomize = (source: Source, change: Partial<Kustomize>): Source => ({
  ...source,
  kustomize: { ...source.kustomize, ...change },
});
const directory = (source: Source, change: Partial<Directory>): Source => ({
  ...source,
  directory: { ...source.directory, ...change },
});
const jsonnet = (source: Source, change: Partial<Jsonnet>): Source =>
  directory(source, { jsonnet: { ...source.directory?.jsonnet, ...change } });
const plugin = (source: Source, change: Partial<Plugin>): Source => ({
  ...source,
  plugin: { ...source.plugin, ...change },
});

/** Flags that say where manifests come from and how they are rendered. */
export const sourceFlags: readonly Flag<ApplicationSource>[] = [
  text('repo', 'repository URL', (source, repoURL) => ({ ...source, repoURL })),
  text('path', 'folder in the repository', (source, path) => ({ ...source, path })),
  text('revision', 'branch, tag, commit or chart version', (source, targetRevision) => ({
    ...source,
    targetRevision,
  })),
  text('helm-chart', 'chart name', (source, chart) => ({ ...source, chart })),
  text('ref', 'name under which other sources use the files', (source, ref) => ({ ...source, ref })),

  list('values', 'Helm values file', (source, valueFiles) => helm(source, { valueFiles: [...valueFiles] })),
  list('parameter', 'Helm parameter NAME=VALUE', (source, values) => setParameters(source, values, {}), 'p'),
  list('helm-set', 'Helm parameter NAME=VALUE', (source, values) => setParameters(source, values, {})),
  list('helm-set-string', 'Helm parameter NAME=VALUE that stays a text', (source, values) =>
    setParameters(source, values, { forceString: true }),
  ),
  list('helm-set-file', 'Helm parameter NAME=PATH read from a file of the repository', (source, values) => {
    const fileParameters = values.map((value) => {
      const { name, value: path } = parseAssignment(value, '--helm-set-file');
      return { name, path };
    });
    return helm(source, { fileParameters: [...(source.helm?.fileParameters ?? []), ...fileParameters] });
  }),
  text('release-name', 'Helm release name', (source, releaseName) => helm(source, { releaseName })),
  text('helm-version', 'Helm version', (source, version) => helm(source, { version })),
  flag('helm-skip-crds', 'leave the chart’s CRDs out', (source, skipCrds) => helm(source, { skipCrds })),
  flag('helm-pass-credentials', 'pass repository credentials to chart downloads', (source, on) =>
    helm(source, { passCredentials: on }),
  ),
  flag('ignore-missing-value-files', 'leave out values files that do not exist', (source, on) =>
    helm(source, { ignoreMissingValueFiles: on }),
  ),

  list('kustomize-image', 'image override [OLD=]NEW[:TAG]', (source, images) =>
    kustomize(source, { images: [...images] }),
  ),
  text('nameprefix', 'Kustomize name prefix', (source, namePrefix) => kustomize(source, { namePrefix })),
  text('namesuffix', 'Kustomize name suffix', (source, nameSuffix) => kustomize(source, { nameSuffix })),
  text('kustomize-version', 'Kustomize version', (source, version) => kustomize(source, { version })),
  text('kustomize-namespace', 'Kustomize namespace', (source, namespace) => kustomize(source, { namespace })),
  list('kustomize-replica', 'Kustomize replicas NAME=COUNT', (source, values) => {
    const replicas = values.map((value) => {
      const { name, value: count } = parseAssignment(value, '--kustomize-replica');
      return { name, count: parseInteger(count, '--kustomize-replica') };
    });
    return kustomize(source, { replicas });
  }),
  list('kustomize-common-label', 'Kustomize common label NAME=VALUE', (source, values) =>
    kustomize(source, { commonLabels: assignments(values, '--kustomize-common-label') }),
  ),
  list('kustomize-common-annotation', 'Kustomize common annotation NAME=VALUE', (source, values) =>
    kustomize(source, { commonAnnotations: assignments(values, '--kustomize-common-annotation') }),
  ),

  flag('directory-recurse', 'read subfolders', (source, recurse) => directory(source, { recurse })),
  text('directory-include', 'glob of the files to read', (source, include) => directory(source, { include })),
  text('directory-exclude', 'glob of the files to leave out', (source, exclude) =>
    directory(source, { exclude }),
  ),
  list('jsonnet-tla-str', 'Jsonnet top-level argument NAME=TEXT', (source, values) =>
    addVariables(source, 'tlas', values, false),
  ),
  list('jsonnet-tla-code', 'Jsonnet top-level argument NAME=CODE', (source, values) =>
    addVariables(source, 'tlas', values, true),
  ),
  list('jsonnet-ext-var-str', 'Jsonnet external variable NAME=TEXT', (source, values) =>
    addVariables(source, 'extVars', values, false),
  ),
  list('jsonnet-ext-var-code', 'Jsonnet external variable NAME=CODE', (source, values) =>
    addVariables(source, 'extVars', values, true),
  ),
  list('jsonnet-libs', 'Jsonnet library folder', (source, libs) => jsonnet(source, { libs: [...libs] })),

  text('config-management-plugin', 'plugin name', (source, name) => plugin(source, { name })),
  list('plugin-env', 'plugin variable NAME=VALUE', (source, values) =>
    plugin(source, { env: values.map((value) => parseAssignment(value, '--plugin-env')) }),
  ),
];

function text(
  name: string,
  description: string,
  apply: (source: Source, value: string) => Source,
): Flag<Source> {
  return { kind: 'text', name, description, apply };
}

function list(
  name: string,
  description: string,
  apply: (source: Source, values: readonly string[]) => Source,
  short?: string,
): Flag<Source> {
  return { kind: 'list', name, description, apply, ...(short === undefined ? {} : { short }) };
}

function flag(
  name: string,
  description: string,
  apply: (source: Source, on: boolean) => Source,
): Flag<Source> {
  return { kind: 'switch', name, description, apply };
}

/** A parameter given again replaces the earlier one, so that a flag can override a file. */
function setParameters(source: Source, values: readonly string[], extra: { forceString?: boolean }): Source {
  let parameters = source.helm?.parameters ?? [];
  for (const value of values) {
    const parameter = { ...parseAssignment(value, '--helm-set'), ...extra };
    parameters = [...parameters.filter((one) => one.name !== parameter.name), parameter];
  }
  return helm(source, { parameters });
}

function addVariables(
  source: Source,
  field: 'tlas' | 'extVars',
  values: readonly string[],
  code: boolean,
): Source {
  const variables = values.map((value) => ({
    ...parseAssignment(value, '--jsonnet-*'),
    ...(code ? { code } : {}),
  }));
  return jsonnet(source, { [field]: [...(source.directory?.jsonnet?.[field] ?? []), ...variables] });
}

/** Reads `NAME=VALUE` texts into a map. */
export function assignments(values: readonly string[], flagName: string): Record<string, string> {
  return Object.fromEntries(
    values.map((value) => {
      const { name, value: assigned } = parseAssignment(value, flagName);
      return [name, assigned];
    }),
  );
}
