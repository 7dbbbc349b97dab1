import { isToolChosen, sourceKindOf } from '../application/source/source.ts';
import { overrideFiles, overrideSource } from '../application/source/source-overrides.ts';
import type { ApplicationSource, HelmSource } from '../application/source/source-spec.ts';
import type { SourceType } from '../application/words.ts';
import { formatJson } from '../object/json/json.ts';
import { discover } from '../plugin/discovery.ts';
import type { Discovery } from '../plugin/plugin-file.ts';
import type { Input } from './input.ts';
import { kustomizeInputs } from './kustomize.ts';
import { type Look, lookInto } from './look.ts';
import { type Noted, type Notes, takeNotes } from './notes.ts';
import { type Reading, read } from './reading.ts';
import { chartInputs } from './tools/chart.ts';
import { jsonnetInputs, libraryFolders } from './tools/jsonnet.ts';
import { type Tree, treeOf } from './tree.ts';

export type InputsRequest = {
  readonly source: ApplicationSource;
  /** The tree of the source's commit; none for a chart from a chart repository, whose version tells it apart. */
  readonly tree: Tree | undefined;
  /** Trees of the sources that lend their files, by the name of their `ref`. */
  readonly refs: ReadonlyMap<string, Tree>;
  /** The application's instance name: a file of overrides may be for it alone. */
  readonly instance: string;
  /** Puts build variables into a path. */
  substitute(text: string): string;
  /** Tools that the installation has switched off. */
  readonly off: ReadonlySet<SourceType>;
  /** How the installation's plugins find folders that nobody named a tool for. */
  readonly discoveries?: readonly Discovery[] | undefined;
};

/** All that a render of a source depends on, beside its request. */
export type Inputs = Noted & {
  readonly own: readonly Input[];
  /** What is read of the sources that lend their files, by the name of their `ref`. */
  readonly lent: ReadonlyMap<string, readonly Input[]>;
  /** Why the whole commit counts as read. */
  readonly gaveUp: string | undefined;
  /** The submodules that it can need; undefined where those that it reads may lead to others. */
  readonly submodules: readonly string[] | undefined;
  /** Whether the revision itself is put into what is rendered. */
  readonly usesRevision: boolean;
  /** Undefined where the source's own words contradict each other. */
  readonly tool: SourceType | undefined;
};

const emptyTree = treeOf([], new Map());

/**
 * Tells from a commit's tree alone what rendering a source reads. It errs on the side of more: what it leaves out isn't
 * there when the source is rendered.
 */
export function* inputsOf(request: InputsRequest): Reading<Inputs> {
  const look = lookInto(request.tree ?? emptyTree);
  const notes = takeNotes();
  const lenders = new Map([...request.refs].map(([name, tree]) => [name, lookInto(tree)]));
  const [source, tool] =
    request.tree === undefined
      ? takeChart(request, look, notes, lenders)
      : yield* takeSource(request, look, notes, lenders);
  // What can't be told from the tree may well ask for the versions of the cluster.
  if (look.gaveUp !== undefined) notes.cluster();
  return {
    ...notes.noted(),
    own: look.inputs,
    lent: new Map([...lenders].map(([name, lender]) => [name, lender.inputs])),
    // Helm reads nothing but the chart, and value files by their names.
    submodules: tool === 'Helm' ? look.submodules : undefined,
    gaveUp: [look, ...lenders.values()].find(({ gaveUp }) => gaveUp !== undefined)?.gaveUp,
    usesRevision: tool === 'Plugin' || /ARGOCD_APP_(REVISION|SOURCE_TARGET)/.test(formatJson(source)),
    tool,
  };
}

/** A chart from elsewhere reads nothing but itself and what is lent to it. */
function takeChart(
  request: InputsRequest,
  look: Look,
  notes: Notes,
  lenders: ReadonlyMap<string, Look>,
): [source: ApplicationSource, tool: SourceType | undefined] {
  const { source } = request;
  notes.cluster();
  takeValueFiles(request, look, notes, { folder: '', helm: source.helm ?? {}, lenders });
  return [source, undefined];
}

function* takeSource(
  request: InputsRequest,
  look: Look,
  notes: Notes,
  lenders: ReadonlyMap<string, Look>,
): Reading<[source: ApplicationSource, tool: SourceType | undefined]> {
  const { path } = request.source;
  // Without a path it only lends its files, or is refused.
  const place = path ? look.find('', path) : undefined;
  if (place?.kind !== 'folder') return [request.source, mayBePluginUnseen(request, look, notes)];
  const folder = place.path;
  const names = look.takeTools(folder);
  const source = yield* overridden(request, look, folder);
  if (source === undefined) return [request.source, undefined];
  const tool = mayBePlugin(request, look, source, folder) ? 'Plugin' : toolOf(source, names, request.off);
  switch (tool) {
    case 'Kustomize':
      yield* kustomizeInputs(look, notes, folder, source.kustomize ?? {});
      break;
    case 'Helm':
      yield* chartInputs(look, notes, folder);
      takeValueFiles(request, look, notes, { folder, helm: source.helm ?? {}, lenders });
      break;
    case 'Directory':
      yield* directoryInputs(look, folder, source);
      break;
    case 'Plugin':
      notes.cluster();
      notes.remote('plugin');
      look.giveUp('a plugin may read any file');
      break;
    case undefined:
      break;
  }
  return [source, tool];
}

/**
 * Whether a plugin discovers the folder, or may when it is asked. What a pattern finds may be any file below, so all of
 * the folder counts as read even where none matches.
 */
function mayBePlugin(
  { discoveries = [] }: InputsRequest,
  look: Look,
  source: ApplicationSource,
  folder: string,
): boolean {
  if (discoveries.length === 0 || isToolChosen(source)) return false;
  look.takeAll(folder);
  const start = folder === '' ? 0 : folder.length + 1;
  const files = look.files(folder).map((path) => path.slice(start));
  return discoveries.some((discovery) => discover(discovery, files) !== 'no-match');
}

/** Of a path in a submodule nothing is known but whether a plugin is named for it, or may discover it. */
function mayBePluginUnseen(
  { source, discoveries = [] }: InputsRequest,
  look: Look,
  notes: Notes,
): SourceType | undefined {
  if (look.gaveUp === undefined) return undefined;
  if (source.plugin === undefined && (discoveries.length === 0 || isToolChosen(source))) return undefined;
  notes.remote('plugin');
  return 'Plugin';
}

/** The source with what files beside the manifests change of it; undefined where one of them is refused. */
function* overridden(
  request: InputsRequest,
  look: Look,
  folder: string,
): Reading<ApplicationSource | undefined> {
  const files = overrideFiles(request.instance).flatMap((name) => {
    const place = look.find(folder, name);
    return place.kind === 'file' ? [{ name, path: place.path }] : [];
  });
  const contents = yield* read(files.map(({ path }) => path));
  try {
    return files.reduce(
      (source, { name, path }) => overrideSource(source, name, contents.get(path) ?? '').source,
      request.source,
    );
  } catch {
    // The render refuses it in the same words; nothing more is read.
    return undefined;
  }
}

function toolOf(
  source: ApplicationSource,
  names: readonly string[],
  off: ReadonlySet<SourceType>,
): SourceType | undefined {
  try {
    return sourceKindOf(source, names, off);
  } catch {
    // The render refuses it in the same words; nothing more is read.
    return undefined;
  }
}

function* directoryInputs(look: Look, folder: string, { directory = {} }: ApplicationSource): Reading<void> {
  const files = look.takeManifests(folder, {
    recurse: directory.recurse === true,
    ...(directory.include ? { include: directory.include } : {}),
    ...(directory.exclude ? { exclude: directory.exclude } : {}),
  });
  const programs = files.filter((path) => path.endsWith('.jsonnet'));
  if (programs.length === 0) return;
  const libraries = libraryFolders(look, directory.jsonnet?.libs ?? []);
  yield* jsonnetInputs(look, programs, [folder, ...libraries]);
}

function takeValueFiles(
  request: InputsRequest,
  look: Look,
  notes: Notes,
  chart: { folder: string; helm: HelmSource; lenders: ReadonlyMap<string, Look> },
): void {
  const { folder, helm, lenders } = chart;
  const named = [...(helm.valueFiles ?? []), ...(helm.fileParameters ?? []).map(({ path }) => path)];
  for (const name of named) {
    const [, ref = '', rest = ''] = /^\$([\w-]+)\/(.*)$/s.exec(name) ?? [];
    const lender = lenders.get(ref);
    if (lender !== undefined) takeFiles(lender, '', request.substitute(rest));
    else if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name)) notes.remote(name);
    else takeFiles(look, folder, request.substitute(name));
  }
}

/** A file, or what a pattern may match: all below the last folder that is written out. */
function takeFiles(look: Look, folder: string, path: string): void {
  const from = path.startsWith('/') ? '' : folder;
  const pattern = path.search(/[*?[{]/);
  if (pattern === -1) {
    look.find(from, path);
    return;
  }
  const place = look.find(from, path.slice(0, path.lastIndexOf('/', pattern) + 1));
  if (place.kind === 'folder') look.takeAll(place.path);
}
