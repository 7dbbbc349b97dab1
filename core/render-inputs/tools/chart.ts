import type { Look } from '../look.ts';
import type { Notes } from '../notes.ts';
import { type Reading, read } from '../reading.ts';
import { below } from '../tree.ts';
import { listedFields, yamlFields } from '../yaml-texts.ts';
import { isRandomTemplate } from './random.ts';

/** Both say what a chart depends on; the second is of charts of the first API version. */
const dependencyFiles = ['Chart.yaml', 'requirements.yaml'] as const;
/** More templates than any chart has; a folder with more is no chart alone, and reading them all would take long. */
const mostTemplates = 2000;

/** Takes what rendering a chart reads: its whole folder, since templates may read any file of it, and local dependencies. */
export function* chartInputs(look: Look, notes: Notes, folder: string): Reading<void> {
  const seen = new Set<string>();
  let next = [folder];
  while (next.length > 0) {
    for (const one of next) {
      seen.add(one);
      look.takeAll(one);
    }
    const files = new Map(next.flatMap((one) => dependencyFilesIn(look, one)));
    const templates = next.flatMap((one) => templatesIn(look, one));
    const contents = yield* read([...new Set([...files.keys(), ...templates])]);
    for (const path of templates) if (isRandomTemplate(contents.get(path) ?? '')) notes.random(path);
    if (next.some((one) => mayHaveMore(look, one)) || [...contents.values()].some(asksCluster))
      notes.cluster();
    const found: string[] = [];
    for (const [path, chart] of files)
      found.push(...localDependencies(look, notes, chart, { path, text: contents.get(path) ?? '' }));
    next = [...new Set(found)].filter((one) => !seen.has(one));
  }
}

/** A chart looks at the cluster by this name, in its constraint, or in values and files that are templates themselves. */
const clusterWord = /Capabilities|\btpl\b|kubeVersion/;

function asksCluster(text: string): boolean {
  return clusterWord.test(text);
}

/** Templates that weren't read: those of packed charts, and more than can be. */
function mayHaveMore(look: Look, chart: string): boolean {
  return (
    look.files(chart).some((path) => path.endsWith('.tgz')) ||
    templatesIn(look, chart).length >= mostTemplates
  );
}

function dependencyFilesIn(look: Look, chart: string): [file: string, chart: string][] {
  return dependencyFiles.flatMap((name) => {
    const place = look.find(chart, name);
    return place.kind === 'file' ? [[place.path, chart]] : [];
  });
}

/** The charts in folders that a chart depends on; one that comes with the chart isn't fetched. */
function localDependencies(
  look: Look,
  notes: Notes,
  chart: string,
  { path, text }: { readonly path: string; readonly text: string },
): string[] {
  const content = yamlFields(text, 'chart');
  if (content === undefined) {
    // Helm may read what can't be read here, and what it needs of others is unknown, as is what those read.
    look.giveUp(`${path} can't be read`);
    notes.remote(path);
  }
  const present = look.tree.names(below(chart, 'charts'));
  const folders: string[] = [];
  for (const { name, repository } of listedFields(content?.['dependencies'])) {
    if (typeof name !== 'string' || typeof repository !== 'string' || repository === '') continue;
    if (repository.startsWith('file://')) {
      const place = look.find(chart, repository.slice('file://'.length));
      if (place.kind === 'folder') folders.push(place.path);
      continue;
    }
    const comesAlong = present.some((one) => one === name || one.startsWith(`${name}-`));
    if (comesAlong) continue;
    notes.remote(repository);
    notes.cluster();
  }
  return folders;
}

function templatesIn(look: Look, chart: string): string[] {
  const files = look
    .files(chart)
    .filter((path) => path.includes('/templates/') || path.startsWith('templates/'));
  return files.slice(0, mostTemplates);
}
