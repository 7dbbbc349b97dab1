import { type FileRequests, requestFiles } from '../file-requests.ts';
import type { Findings } from '../findings.ts';
import { below } from '../tree.ts';
import type { TreeReader } from '../tree-reader.ts';
import { listedFields, yamlFields } from '../yaml-texts.ts';
import { isRandomTemplate } from './random.ts';

/** Both say what a chart depends on; the second is of charts of the first API version. */
const dependencyFiles = ['Chart.yaml', 'requirements.yaml'] as const;
/** More templates than any chart has; a folder with more is no chart alone, and reading them all would take long. */
const mostTemplates = 2000;

/** Takes what rendering a chart reads: its whole folder, since templates may read any file of it, and local dependencies. */
export function* chartInputs(reader: TreeReader, findings: Findings, folder: string): FileRequests<void> {
  const seen = new Set<string>();
  let next = [folder];
  while (next.length > 0) {
    for (const one of next) {
      seen.add(one);
      reader.takeAll(one);
    }
    const files = new Map(next.flatMap((one) => dependencyFilesIn(reader, one)));
    const templates = next.flatMap((one) => templatesIn(reader, one));
    const contents = yield* requestFiles([...new Set([...files.keys(), ...templates])]);
    for (const path of templates) if (isRandomTemplate(contents.get(path) ?? '')) findings.random(path);
    if (next.some((one) => mayHaveMore(reader, one)) || [...contents.values()].some(asksCluster))
      findings.cluster();
    const found: string[] = [];
    for (const [path, chart] of files)
      found.push(...localDependencies(reader, findings, chart, { path, text: contents.get(path) ?? '' }));
    next = [...new Set(found)].filter((one) => !seen.has(one));
  }
}

/** A chart looks at the cluster by this name, in its constraint, or in values and files that are templates themselves. */
const clusterWord = /Capabilities|\btpl\b|kubeVersion/;

function asksCluster(text: string): boolean {
  return clusterWord.test(text);
}

/** Templates that weren't read: those of packed charts, and more than can be. */
function mayHaveMore(reader: TreeReader, chart: string): boolean {
  return (
    reader.files(chart).some((path) => path.endsWith('.tgz')) ||
    templatesIn(reader, chart).length >= mostTemplates
  );
}

function dependencyFilesIn(reader: TreeReader, chart: string): [file: string, chart: string][] {
  return dependencyFiles.flatMap((name) => {
    const found = reader.find(chart, name);
    return found.kind === 'file' ? [[found.path, chart]] : [];
  });
}

/** The charts in folders that a chart depends on; one that comes with the chart isn't fetched. */
function localDependencies(
  reader: TreeReader,
  findings: Findings,
  chart: string,
  { path, text }: { readonly path: string; readonly text: string },
): string[] {
  const content = yamlFields(text, 'chart');
  if (content === undefined) {
    // Helm may read what can't be read here, and what it needs of others is unknown, as is what those read.
    reader.giveUp(`${path} can't be read`);
    findings.remote(path);
  }
  const present = reader.tree.names(below(chart, 'charts'));
  const folders: string[] = [];
  for (const { name, repository } of listedFields(content?.['dependencies'])) {
    if (typeof name !== 'string' || typeof repository !== 'string' || repository === '') continue;
    if (repository.startsWith('file://')) {
      const found = reader.find(chart, repository.slice('file://'.length));
      if (found.kind === 'folder') folders.push(found.path);
      continue;
    }
    const comesAlong = present.some((one) => one === name || one.startsWith(`${name}-`));
    if (comesAlong) continue;
    findings.remote(repository);
    findings.cluster();
  }
  return folders;
}

function templatesIn(reader: TreeReader, chart: string): string[] {
  const files = reader
    .files(chart)
    .filter((path) => path.includes('/templates/') || path.startsWith('templates/'));
  return files.slice(0, mostTemplates);
}
