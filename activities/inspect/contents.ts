import { readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApplicationSource } from '../../core/application/source/source-spec.ts';
import type { SourceType } from '../../core/application/words.ts';
import { KeelsonError } from '../../core/errors.ts';
import { isFields } from '../../core/object/manifest/check-manifest.ts';
import { sourceKindOf } from '../../core/render/tools.ts';
import type { SourceDetails } from '../../core/repository/inspection.ts';
import type { FileKind } from '../../core/yaml/file-kinds.ts';
import { readUpToEnd } from '../../core/yaml/read.ts';
import { UnreadableError } from '../../core/yaml/unreadable.ts';
import type { RenderDeps } from '../deps.ts';
import { findAppFolder } from '../render/files/app-folder.ts';
import { filesOnDisk } from '../render/files/source-files.ts';
import { describeTool } from '../render/render.ts';
import { ifShort, onlyFirst } from './limits.ts';
import { renderRoot } from './render-root.ts';

/** The folders that hold a chart or a kustomization; folders of plain files can't be told from others. */
export function appsAmong(files: readonly string[]): { path: string; type: SourceType }[] {
  const folders = new Map<string, string[]>();
  for (const file of files) {
    const slash = file.lastIndexOf('/');
    const folder = slash === -1 ? '.' : file.slice(0, slash);
    const names = folders.get(folder) ?? [];
    names.push(file.slice(slash + 1));
    folders.set(folder, names);
  }
  return [...folders]
    .map(([path, names]) => ({ path, type: sourceKindOf({ repoURL: '' }, names) }))
    .filter(({ type }) => type !== 'Directory')
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

type Wanted = {
  readonly root: string;
  readonly source: ApplicationSource;
  readonly project: string;
  readonly name: string;
  readonly signal: AbortSignal;
};

/** What of a source can be set. */
export async function detailsOf(deps: RenderDeps, wanted: Wanted): Promise<SourceDetails> {
  const root = await realpath(wanted.root);
  // A chart of a repository is opened as its own root.
  const path = wanted.source.chart ? '.' : wanted.source.path || '.';
  const { folder, fault } = await findAppFolder(filesOnDisk(root), { ...wanted.source, path });
  if (fault !== undefined) throw new KeelsonError('invalid-argument', fault);
  const place = join(root, folder);
  const names = await readdir(place);
  const { type, announced } = await toolOf(deps, wanted, path);
  if (type === 'Helm') return { type, helm: await chartDetails(place, names) };
  if (type === 'Kustomize') return { type, kustomize: { images: await imagesOf(deps, wanted) } };
  if (type === 'Plugin') return { type, plugin: { parametersAnnouncement: onlyFirst(announced) } };
  return { type };
}

/** A plugin may have to be asked, which takes the room of a program. */
async function toolOf(deps: RenderDeps, { root, source, project, name, signal }: Wanted, path: string) {
  const describe = () =>
    describeTool({
      files: filesOnDisk(root),
      source: { ...source, path },
      application: { instanceName: name, name, namespace: '', project, revision: '' },
      tools: deps.tools,
      sandbox: deps.sandbox,
      plugins: deps.plugins,
      settings: deps.settings.current().tools,
      signal,
    });
  return await deps.renderSlots.run(describe, signal);
}

async function chartDetails(
  folder: string,
  names: readonly string[],
): Promise<NonNullable<SourceDetails['helm']>> {
  const valueFiles = names.filter((name) => name.includes('values') && /\.ya?ml$/.test(name)).sort();
  const values = names.includes('values.yaml') ? await readFile(join(folder, 'values.yaml'), 'utf8') : '';
  const chart = names.includes('Chart.yaml')
    ? readYaml(await readFile(join(folder, 'Chart.yaml'), 'utf8'), 'chart')
    : {};
  return {
    name: isFields(chart) && typeof chart['name'] === 'string' ? chart['name'] : '',
    valueFiles,
    parameters: onlyFirst(parametersOf(readYaml(ifShort(values), 'values'))),
    values: ifShort(values),
  };
}

/** Text that is no YAML tells nothing; rendering says what is wrong with it. */
export function readYaml(text: string, kind: FileKind): unknown {
  try {
    // Of what stands behind the end the tool doesn't know either.
    return readUpToEnd(text, kind).value;
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return undefined;
  }
}

/** Every scalar of a values file by its path, as `--set` takes it. */
export function parametersOf(values: unknown, path = ''): { name: string; value: string }[] {
  if (Array.isArray(values))
    return values.flatMap((value, index) => parametersOf(value, `${path}[${index}]`));
  if (isFields(values)) {
    return Object.entries(values).flatMap(([name, value]) => {
      const escaped = name.replaceAll('.', '\\.');
      return parametersOf(value, path === '' ? escaped : `${path}.${escaped}`);
    });
  }
  return path === ''
    ? []
    : [{ name: path, value: values === null || values === undefined ? '' : String(values) }];
}

/** The images of what a kustomization renders to. */
async function imagesOf(
  deps: RenderDeps,
  { root, source, project, name, signal }: Wanted,
): Promise<readonly string[]> {
  const application = { instanceName: name, name, namespace: '', project, revision: '' };
  const { manifests } = await renderRoot(deps, { root, source, application, signal });
  const images = new Set<string>();
  collectImages(manifests, images);
  return onlyFirst([...images].sort());
}

function collectImages(value: unknown, images: Set<string>): void {
  if (Array.isArray(value)) for (const entry of value) collectImages(entry, images);
  else if (isFields(value)) {
    for (const [name, field] of Object.entries(value)) {
      if (name === 'image' && typeof field === 'string') images.add(field);
      else collectImages(field, images);
    }
  }
}
