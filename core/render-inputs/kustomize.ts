import type { KustomizeSource } from '../application/source/source-spec.ts';
import { isPathGlob, pathGlobPattern } from '../text/path-glob.ts';
import type { Look } from './look.ts';
import type { Notes } from './notes.ts';
import { type Reading, read } from './reading.ts';
import { chartInputs } from './tools/chart.ts';
import {
  configurationReferences,
  type InflatedChart,
  type References,
  referencesOf,
} from './tools/kustomization.ts';
import { below, parentOf } from './tree.ts';
import { yamlDocuments, yamlFields } from './yaml-texts.ts';

const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/** Takes what `kustomize build` of a folder reads: all that its kustomizations refer to, and theirs in turn. */
export function* kustomizeInputs(
  look: Look,
  notes: Notes,
  folder: string,
  options: KustomizeSource,
): Reading<void> {
  const added = {
    ...referencesOf({}),
    resources: (options.components ?? []).flatMap((component) => componentFolders(look, folder, component)),
    files: (options.patches ?? []).flatMap(({ path }) => path ?? []),
  };
  let next = new Set([folder, ...(yield* follow(look, notes, folder, added))]);
  const seen = new Set<string>();
  while (next.size > 0) {
    for (const one of next) seen.add(one);
    const found: string[] = [];
    // All of one depth are read at once.
    const files = new Map([...next].flatMap((one) => kustomizationsIn(look, one)));
    const contents = yield* read([...files.keys()]);
    for (const [path, at] of files) {
      const content = yamlFields(contents.get(path) ?? '', 'kustomization');
      if (content === undefined) giveUpOn(look, notes, path);
      const references = referencesOf(content ?? {});
      found.push(...(yield* follow(look, notes, at, references)));
    }
    next = new Set(found.filter((one) => !seen.has(one)));
  }
}

/** The kustomization files in a folder, each with the folder that its references start from. */
function kustomizationsIn(look: Look, folder: string): [file: string, folder: string][] {
  return fileNames.flatMap((name) => {
    const place = look.find(folder, name);
    return place.kind === 'file' ? [[place.path, folder]] : [];
  });
}

/** Takes what a kustomization refers to; answers with the folders whose kustomizations come next. */
function* follow(look: Look, notes: Notes, folder: string, references: References): Reading<string[]> {
  for (const path of references.files) {
    if (isAddress(path)) notes.remote(path);
    else takeFolder(look, folder, path);
  }
  for (const name of references.maybe) takeFolder(look, folder, name);
  const configurations = references.configurations.flatMap(
    (reference) => configurationFile(look, notes, folder, reference) ?? [],
  );
  const inline = references.configurations.filter((reference) => reference.includes('\n'));
  const written = yield* read(configurations);
  const texts = [
    ...inline.map((text): [string, string] => [below(folder, 'configuration'), text]),
    ...written,
  ];
  for (const [path, text] of texts) yield* followConfiguration(look, notes, folder, { path, text });
  for (const chart of references.charts) yield* followChart(look, notes, folder, chart);
  return references.resources.flatMap((reference) => resourceFolder(look, notes, folder, reference) ?? []);
}

/** The folders that a pattern of components may stand for; all below the last folder that is written out counts. */
function componentFolders(look: Look, folder: string, component: string): string[] {
  if (!isPathGlob(component)) return [component];
  const written = component.split('/');
  const plain = written.slice(0, written.findIndex(isPathGlob)).join('/');
  const place = look.find(folder, plain);
  if (place.kind !== 'folder') return [];
  look.takeAll(place.path);
  const pattern = pathGlobPattern(written.slice(plain === '' ? 0 : plain.split('/').length).join('/'));
  const start = place.path === '' ? 0 : place.path.length + 1;
  const folders = new Set(look.files(place.path).map((path) => parentOf(path)));
  return [...folders]
    .filter((path) => path.length > start && pattern.test(path.slice(start)))
    .map((path) => below(plain, path.slice(start)));
}

/** What a file that can't be read here refers to is unknown, and may be fetched. */
function giveUpOn(look: Look, notes: Notes, path: string): void {
  look.giveUp(`${path} can't be read`);
  notes.remote(path);
}

/** The folder that a resource is, if it is one. */
function resourceFolder(look: Look, notes: Notes, folder: string, reference: string): string | undefined {
  const place = isAddress(reference) ? undefined : look.find(folder, reference);
  if (place?.kind === 'folder') return place.path;
  if (place?.kind !== 'file' && isRemote(reference)) notes.remote(reference);
  return undefined;
}

/** The file that configures a generator or transformer, unless it is written in place or comes from elsewhere. */
function configurationFile(look: Look, notes: Notes, folder: string, reference: string): string | undefined {
  if (reference.includes('\n')) return undefined;
  const place = isAddress(reference) ? undefined : look.find(folder, reference);
  if (place?.kind === 'file') return place.path;
  if (place?.kind === 'folder') look.giveUp(`${place.path} makes configurations for ${folder}`);
  else if (isRemote(reference)) notes.remote(reference);
  return undefined;
}

function* followConfiguration(
  look: Look,
  notes: Notes,
  folder: string,
  { path, text }: { readonly path: string; readonly text: string },
): Reading<void> {
  const documents = yamlDocuments(text);
  if (documents === undefined) giveUpOn(look, notes, path);
  for (const document of documents ?? []) {
    const { maybe, charts } = configurationReferences(document);
    for (const name of maybe) takeFolder(look, folder, name);
    for (const chart of charts) yield* followChart(look, notes, folder, chart);
  }
}

/** A chart of the kustomization's chart folder; only one that isn't there is fetched. */
function* followChart(look: Look, notes: Notes, folder: string, chart: InflatedChart): Reading<void> {
  const homes = [chart.home, below(chart.home, `${chart.name}-${chart.version}`)];
  const places = homes.map((home) => look.find(folder, below(home, chart.name)));
  const local = places.find(({ kind }) => kind === 'folder');
  if (local?.kind === 'folder') yield* chartInputs(look, notes, local.path);
  else {
    notes.cluster();
    if (chart.repository !== '') notes.remote(chart.repository);
  }
}

/** Takes a folder as a whole when the name is one. */
function takeFolder(look: Look, folder: string, name: string): void {
  const place = look.find(folder, name);
  if (place.kind === 'folder') look.takeAll(place.path);
}

function isAddress(reference: string): boolean {
  return reference.includes('://');
}

/** Ways to write a repository that is fetched: an address, `host.name/...`, `user@host:...`, or a query. */
function isRemote(reference: string): boolean {
  return isAddress(reference) || /^[\w.-]+@[\w.-]+:|^gh:|^[\w-]+(\.[\w-]+)+\/|\?|\.git(\/|$)/.test(reference);
}
