import { ownField } from '../../own-field.ts';
import { type PluginFile, readPluginFile } from '../../plugin/plugin-file.ts';
import type { Report } from './problem.ts';
import { readBoolean } from './read-value.ts';

/** A Kustomize that an application may ask for by `kustomize.version`. */
export type KustomizeVersion = {
  readonly name: string;
  /** Absolute path of the program on the workers. */
  readonly path: string;
  readonly buildOptions: string;
};

/** What an installation says about the tools that render. */
export type ToolSettings = {
  /** A tool that is switched off leaves its sources to be read as plain directories. */
  readonly enabled: { readonly helm: boolean; readonly kustomize: boolean; readonly jsonnet: boolean };
  /** Flags of `kustomize build` for the built-in version. */
  readonly kustomizeBuildOptions: string;
  readonly kustomizeVersions: readonly KustomizeVersion[];
  /** Schemes that value files may be fetched by. */
  readonly valuesFileSchemes: readonly string[];
  /** Config management plugins that workers run themselves, by their names. */
  readonly plugins: readonly PluginFile[];
};

/** What holds where nothing is set. */
export const defaultToolSettings: ToolSettings = {
  enabled: { helm: true, kustomize: true, jsonnet: true },
  kustomizeBuildOptions: '',
  kustomizeVersions: [],
  valuesFileSchemes: ['https', 'http'],
  plugins: [],
};

const switches = ['helm', 'kustomize', 'jsonnet'] as const;
/** Documentation writes `enabled` where the key is `enable`; both are read. */
const switchPattern = /^(helm|kustomize|jsonnet)\.enabled?$/;
const optionsKey = 'kustomize.buildOptions';
const schemesKey = 'helm.valuesFileSchemes';
const pathPattern = /^kustomize\.(?:path|version)\.(.+)$/;
const optionsPattern = /^kustomize\.buildOptions\.(.+)$/;

/** Whether a key of `argocd-cm` is read here. */
export function isToolKey(key: string): boolean {
  if (key === optionsKey || key === schemesKey) return true;
  return [switchPattern, pathPattern, optionsPattern].some((pattern) => pattern.test(key));
}

/** Reads the keys about tools; what can't be read keeps its default, with a report. */
export function readToolSettings(
  cm: Readonly<Record<string, string>>,
  report: (key: string) => Report,
): ToolSettings {
  const enabled = { ...defaultToolSettings.enabled };
  for (const tool of switches) {
    for (const key of [`${tool}.enabled`, `${tool}.enable`]) {
      const text = ownField(cm, key);
      if (text !== undefined) enabled[tool] = readBoolean(text, report(key)) ?? enabled[tool];
    }
  }
  return {
    enabled,
    kustomizeBuildOptions: cm[optionsKey]?.trim() ?? defaultToolSettings.kustomizeBuildOptions,
    kustomizeVersions: readVersions(cm, report),
    valuesFileSchemes: readSchemes(cm[schemesKey], report(schemesKey)),
    plugins: defaultToolSettings.plugins,
  };
}

function readVersions(
  cm: Readonly<Record<string, string>>,
  report: (key: string) => Report,
): readonly KustomizeVersion[] {
  const versions = new Map<string, KustomizeVersion>();
  // The older spelling first, so that the newer one counts where both are there.
  for (const prefix of ['kustomize.version.', 'kustomize.path.']) {
    for (const [key, text] of Object.entries(cm).filter(([one]) => one.startsWith(prefix))) {
      const name = key.slice(prefix.length);
      const path = text.trim();
      const buildOptions = cm[`${optionsKey}.${name}`]?.trim() ?? '';
      if (path.startsWith('/')) versions.set(name, { name, path, buildOptions });
      else report(key)(`is "${path}"; set it to the absolute path of the program on the workers`);
    }
  }
  const named = Object.keys(cm).map((key) => optionsPattern.exec(key)?.[1]);
  for (const name of named.filter((one) => one !== undefined && !versions.has(one))) {
    report(`${optionsKey}.${name}`)(`is for a version without program; set kustomize.path.${name} too`);
  }
  return [...versions.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}

function readSchemes(text: string | undefined, report: Report): readonly string[] {
  if (text === undefined) return defaultToolSettings.valuesFileSchemes;
  const schemes = text
    .split(/[\s,]+/)
    .map((scheme) => scheme.toLowerCase())
    .filter((scheme) => scheme !== '');
  const unknown = schemes.filter((scheme) => !defaultToolSettings.valuesFileSchemes.includes(scheme));
  if (unknown.length > 0) {
    report(
      `names ${unknown.join(', ')}, which can't be fetched; only https and http can, leave the others out`,
    );
  }
  return schemes.filter((scheme) => !unknown.includes(scheme));
}

/** Reads a ConfigMap each key of which is a plugin file; what can't be read is left out, with a report. */
export function readPlugins(
  files: Readonly<Record<string, string>>,
  report: (key: string) => Report,
): readonly PluginFile[] {
  const plugins = new Map<string, PluginFile>();
  for (const [key, text] of Object.entries(files).sort(([left], [right]) => (left < right ? -1 : 1))) {
    const plugin = readPluginFile(text, report(key));
    if (plugin === undefined) continue;
    if (plugins.has(plugin.address)) {
      report(key)(`names its plugin ${plugin.address}, as another key does; change name or version of one`);
    } else plugins.set(plugin.address, plugin);
  }
  return [...plugins.values()];
}
