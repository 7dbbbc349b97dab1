import { repositoryKindOf } from '../../../core/application/source/source.ts';
import type { ApplicationSource } from '../../../core/application/source/source-spec.ts';
import type { SourceFiles } from './source-files.ts';

/** The folder that a source means, from its files' root, or in words why there is none. */
export type AppFolder =
  | { readonly folder: string; readonly fault?: never }
  | { readonly fault: string; readonly folder?: never };

/** Looks the folder of a source up among its files. */
export async function findAppFolder(files: SourceFiles, source: ApplicationSource): Promise<AppFolder> {
  // What was fetched for a chart is the chart, and for an artifact it may be all there is.
  if (source.chart) return { folder: '' };
  const path = source.path || (repositoryKindOf(source) === 'oci' ? '.' : '');
  if (path === '') return { fault: 'the source has no path; set path, `.` for the root' };
  const place = path.startsWith('/') ? undefined : await files.find('', path);
  if (place === undefined || place.kind === 'outside') {
    return { fault: `${path}: app path leads out of the repository; use a path relative to its root` };
  }
  if (place.kind === 'missing') {
    return { fault: `${path}: app path does not exist; correct path or push the folder` };
  }
  if (place.kind === 'folder') return { folder: place.path };
  return { fault: `${path}: app path is not a directory; use the folder it is in` };
}
