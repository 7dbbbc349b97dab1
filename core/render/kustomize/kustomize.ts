import type { KustomizeSource } from '../../application/source/source-spec.ts';
import { isPathGlob, pathGlobPattern } from '../../text/path-glob.ts';
import { type FileRequests, requestFiles } from '../file-requests.ts';
import type { Findings } from '../findings.ts';
import { chartInputs } from '../helm/chart.ts';
import type { Tool } from '../tool.ts';
import { below, parentOf } from '../tree.ts';
import type { TreeReader } from '../tree-reader.ts';
import { yamlDocuments, yamlFields } from '../yaml-texts.ts';
import { configurationReferences, type InflatedChart, type References, referencesOf } from './references.ts';

const fileNames: readonly string[] = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Kustomizations, built by `kustomize build`. */
export const kustomizeTool: Tool = {
  recognise: { field: 'kustomize', file: (name) => fileNames.includes(name), setting: 'kustomize' },
  inputs: ({ reader, findings, folder, source }) =>
    kustomizeInputs(reader, findings, folder, source.kustomize ?? {}),
};

/** Takes what `kustomize build` of a folder reads: all that its kustomizations refer to, and theirs in turn. */
function* kustomizeInputs(
  reader: TreeReader,
  findings: Findings,
  folder: string,
  options: KustomizeSource,
): FileRequests<void> {
  const added = {
    ...referencesOf({}),
    resources: (options.components ?? []).flatMap((component) => componentFolders(reader, folder, component)),
    files: (options.patches ?? []).flatMap(({ path }) => path ?? []),
  };
  let next = new Set([folder, ...(yield* follow(reader, findings, folder, added))]);
  const seen = new Set<string>();
  while (next.size > 0) {
    for (const one of next) seen.add(one);
    const found: string[] = [];
    // All of one depth are read at once.
    const files = new Map([...next].flatMap((one) => kustomizationsIn(reader, one)));
    const contents = yield* requestFiles([...files.keys()]);
    for (const [path, at] of files) {
      const content = yamlFields(contents.get(path) ?? '', 'kustomization');
      if (content === undefined) giveUpOn(reader, findings, path);
      const references = referencesOf(content ?? {});
      found.push(...(yield* follow(reader, findings, at, references)));
    }
    next = new Set(found.filter((one) => !seen.has(one)));
  }
}

/** The kustomization files in a folder, each with the folder that its references start from. */
function kustomizationsIn(reader: TreeReader, folder: string): [file: string, folder: string][] {
  return fileNames.flatMap((name) => {
    const found = reader.find(folder, name);
    return found.kind === 'file' ? [[found.path, folder]] : [];
  });
}

/** Takes what a kustomization refers to; answers with the folders whose kustomizations come next. */
function* follow(
  reader: TreeReader,
  findings: Findings,
  folder: string,
  references: References,
): FileRequests<string[]> {
  for (const path of references.files) {
    if (isAddress(path)) findings.remote(path);
    else takeFolder(reader, folder, path);
  }
  for (const name of references.maybe) takeFolder(reader, folder, name);
  const configurations = references.configurations.flatMap(
    (reference) => configurationFile(reader, findings, folder, reference) ?? [],
  );
  const inline = references.configurations.filter((reference) => reference.includes('\n'));
  const written = yield* requestFiles(configurations);
  const texts = [
    ...inline.map((text): [string, string] => [below(folder, 'configuration'), text]),
    ...written,
  ];
  for (const [path, text] of texts) yield* followConfiguration(reader, findings, folder, { path, text });
  for (const chart of references.charts) yield* followChart(reader, findings, folder, chart);
  return references.resources.flatMap(
    (reference) => resourceFolder(reader, findings, folder, reference) ?? [],
  );
}

/** The folders that a pattern of components may stand for; all below the last folder that is written out counts. */
function componentFolders(reader: TreeReader, folder: string, component: string): string[] {
  if (!isPathGlob(component)) return [component];
  const written = component.split('/');
  const plain = written.slice(0, written.findIndex(isPathGlob)).join('/');
  const found = reader.find(folder, plain);
  if (found.kind !== 'folder') return [];
  reader.takeAll(found.path);
  const pattern = pathGlobPattern(written.slice(plain === '' ? 0 : plain.split('/').length).join('/'));
  const start = found.path === '' ? 0 : found.path.length + 1;
  const folders = new Set(reader.files(found.path).map((path) => parentOf(path)));
  return [...folders]
    .filter((path) => path.length > start && pattern.test(path.slice(start)))
    .map((path) => below(plain, path.slice(start)));
}

/** What a file that can't be read here refers to is unknown, and may be fetched. */
function giveUpOn(reader: TreeReader, findings: Findings, path: string): void {
  reader.giveUp(`${path} can't be read`);
  findings.remote(path);
}

/** The folder that a resource is, if it is one. */
function resourceFolder(
  reader: TreeReader,
  findings: Findings,
  folder: string,
  reference: string,
): string | undefined {
  const found = isAddress(reference) ? undefined : reader.find(folder, reference);
  if (found?.kind === 'folder') return found.path;
  if (found?.kind !== 'file' && isRemote(reference)) findings.remote(reference);
  return undefined;
}

/** The file that configures a generator or transformer, unless it is written in place or comes from elsewhere. */
function configurationFile(
  reader: TreeReader,
  findings: Findings,
  folder: string,
  reference: string,
): string | undefined {
  if (reference.includes('\n')) return undefined;
  const found = isAddress(reference) ? undefined : reader.find(folder, reference);
  if (found?.kind === 'file') return found.path;
  if (found?.kind === 'folder') reader.giveUp(`${found.path} makes configurations for ${folder}`);
  else if (isRemote(reference)) findings.remote(reference);
  return undefined;
}

function* followConfiguration(
  reader: TreeReader,
  findings: Findings,
  folder: string,
  { path, text }: { readonly path: string; readonly text: string },
): FileRequests<void> {
  const documents = yamlDocuments(text);
  if (documents === undefined) giveUpOn(reader, findings, path);
  for (const document of documents ?? []) {
    const { maybe, charts } = configurationReferences(document);
    for (const name of maybe) takeFolder(reader, folder, name);
    for (const chart of charts) yield* followChart(reader, findings, folder, chart);
  }
}

/** A chart of the kustomization's chart folder; only one that isn't there is fetched. */
function* followChart(
  reader: TreeReader,
  findings: Findings,
  folder: string,
  chart: InflatedChart,
): FileRequests<void> {
  const homes = [chart.home, below(chart.home, `${chart.name}-${chart.version}`)];
  const found = homes.map((home) => reader.find(folder, below(home, chart.name)));
  const local = found.find(({ kind }) => kind === 'folder');
  if (local?.kind === 'folder') yield* chartInputs(reader, findings, local.path);
  else {
    findings.cluster();
    if (chart.repository !== '') findings.remote(chart.repository);
  }
}

/** Takes a folder as a whole when the name is one. */
function takeFolder(reader: TreeReader, folder: string, name: string): void {
  const found = reader.find(folder, name);
  if (found.kind === 'folder') reader.takeAll(found.path);
}

function isAddress(reference: string): boolean {
  return reference.includes('://');
}

/** Ways to write a repository that is fetched: an address, `host.name/...`, `user@host:...`, or a query. */
function isRemote(reference: string): boolean {
  return isAddress(reference) || /^[\w.-]+@[\w.-]+:|^gh:|^[\w-]+(\.[\w-]+)+\/|\?|\.git(\/|$)/.test(reference);
}
