import type { RepositoryType } from '../../repository/words.ts';
import type { ApplicationSpec } from '../spec/spec.ts';
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

/** The field of a spec in which the source of a position stands. */
export function sourceField(spec: ApplicationSpec, position: number): string {
  return hasMultipleSources(spec) ? `spec.sources[${position}]` : 'spec.source';
}

/** What kind of repository a source is in: its address and its chart field decide, not what somebody registered. */
export function repositoryKindOf(source: ApplicationSource): RepositoryType {
  if (source.repoURL.startsWith('oci://')) return 'oci';
  return source.chart ? 'helm' : 'git';
}

/** Whether a source only lends its files to others and renders nothing itself. */
export function isRefOnly(source: ApplicationSource): boolean {
  const rendersNothing = !source.path && !source.chart && !source.repoURL.startsWith('oci://');
  return Boolean(source.ref) && rendersNothing;
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
