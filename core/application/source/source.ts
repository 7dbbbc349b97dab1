import { KeelsonError } from '../../errors.ts';
import type { ApplicationSpec } from '../spec/spec.ts';
import type { SourceType } from '../words.ts';
import type { ApplicationSource } from './source-spec.ts';

/** The sources that are rendered, in order: `sources` when it is not empty, else the single `source`. */
export function sourcesOf(spec: ApplicationSpec): readonly ApplicationSource[] {
  if (spec.sources !== undefined && spec.sources.length > 0) return spec.sources;
  return spec.source === undefined ? [] : [spec.source];
}

/** Whether the spec uses the list form; a list of one counts, it changes the status fields that are written. */
export function hasMultipleSources(spec: ApplicationSpec): boolean {
  return spec.sources !== undefined && spec.sources.length > 0;
}

/** What kind of repository a source is in: its address and its chart field decide, not what somebody registered. */
export function repositoryKindOf(source: ApplicationSource): 'git' | 'helm' | 'oci' {
  if (source.repoURL.startsWith('oci://')) return 'oci';
  return source.chart ? 'helm' : 'git';
}

/** Whether a source only lends its files to others and renders nothing itself. */
export function isRefOnly(source: ApplicationSource): boolean {
  const rendersNothing = !source.path && !source.chart && !source.repoURL.startsWith('oci://');
  return Boolean(source.ref) && rendersNothing;
}

const explicitBlocks = [
  ['kustomize', 'Kustomize'],
  ['helm', 'Helm'],
  ['directory', 'Directory'],
  ['plugin', 'Plugin'],
] as const;

/** Whether the source itself says which tool renders it. */
export function isToolChosen(source: ApplicationSource): boolean {
  return explicitBlocks.some(([block]) => source[block] !== undefined);
}

const kustomizationFiles: ReadonlySet<string> = new Set([
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization',
]);

/**
 * The tool that renders a source: an explicit block decides, else a chart, else the names of the files directly in
 * the source's folder. Names are looked at in lexical order and a later match wins, so a kustomization beats
 * `Chart.yaml`. Without a match, or where the installation has switched the tool off, the folder holds plain manifests.
 */
export function sourceKindOf(
  source: ApplicationSource,
  fileNames: readonly string[],
  switchedOff: ReadonlySet<SourceType> = new Set(),
): SourceType {
  const explicit = explicitBlocks.filter(([block]) => source[block] !== undefined);
  if (explicit.length > 1) {
    const names = explicit.map(([block]) => block).join(', ');
    throw new KeelsonError(
      'invalid-argument',
      `multiple application sources defined: ${names}; keep one of them`,
    );
  }
  const [only] = explicit;
  if (only !== undefined) return switchedOff.has(only[1]) ? 'Directory' : only[1];
  const helm = !switchedOff.has('Helm');
  if (source.chart) return helm ? 'Helm' : 'Directory';
  let found: SourceType = 'Directory';
  for (const name of [...fileNames].sort(byCodeUnits)) {
    if (helm && name.endsWith('Chart.yaml')) found = 'Helm';
    if (kustomizationFiles.has(name) && !switchedOff.has('Kustomize')) found = 'Kustomize';
  }
  return found;
}

/** Lexical order of file names as file systems list them; locale order would differ between machines. */
function byCodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The name under which an application's objects are tracked: its name, or `ns_name` outside the home namespace. */
export function instanceName(
  application: { readonly metadata: { readonly name: string; readonly namespace?: string | undefined } },
  homeNamespace = '',
): string {
  const { name, namespace = '' } = application.metadata;
  if (namespace === '' || homeNamespace === '' || namespace === homeNamespace) return name;
  return `${namespace}_${name}`;
}
