import type { KustomizeSource } from '../application/source-spec.ts';
import { chartInputs } from './chart.ts';
import {
  configurationReferences,
  type InflatedChart,
  type References,
  referencesOf,
} from './kustomization.ts';
import type { Look } from './look.ts';
import type { Notes } from './notes.ts';
import { type Reading, read } from './reading.ts';
import { below } from './tree.ts';
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
    resources: options.components ?? [],
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
      const references = referencesOf(yamlFields(contents.get(path) ?? '') ?? {});
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
  for (const text of [...inline, ...written.values()]) yield* followConfiguration(look, notes, folder, text);
  for (const chart of references.charts) yield* followChart(look, notes, folder, chart);
  return references.resources.flatMap((reference) => resourceFolder(look, notes, folder, reference) ?? []);
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

function* followConfiguration(look: Look, notes: Notes, folder: string, text: string): Reading<void> {
  for (const document of yamlDocuments(text)) {
    const { maybe, charts } = configurationReferences(document);
    for (const name of maybe) takeFolder(look, folder, name);
    for (const chart of charts) yield* followChart(look, notes, folder, chart);
  }
}

/** A chart of the kustomization's chart folder; only one that isn't there is fetched. */
function* followChart(look: Look, notes: Notes, folder: string, chart: InflatedChart): Reading<void> {
  notes.cluster();
  const homes = [chart.home, below(chart.home, `${chart.name}-${chart.version}`)];
  const places = homes.map((home) => look.find(folder, below(home, chart.name)));
  const local = places.find(({ kind }) => kind === 'folder');
  if (local?.kind === 'folder') yield* chartInputs(look, notes, local.path);
  else if (chart.repository !== '') notes.remote(chart.repository);
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
