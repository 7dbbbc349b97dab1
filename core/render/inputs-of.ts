import { overrideFiles, overrideSource } from '../application/source/source-overrides.ts';
import type { ApplicationSource } from '../application/source/source-spec.ts';
import { formatJson } from '../object/json/json.ts';
import { ownField } from '../own-field.ts';
import type { Discovery } from '../plugin/plugin-file.ts';
import type { ToolSettings } from '../settings/words/tool-settings.ts';
import { type FileRequests, requestFiles } from './file-requests.ts';
import { collectFindings, type Found } from './findings.ts';
import type { Input } from './input.ts';
import { isNamed, isToolChosen, recogniseTool } from './recognise.ts';
import { type InputsContext, namesIn, type Tools } from './tool.ts';
import { type Tree, treeOf } from './tree.ts';
import { readTree } from './tree-reader.ts';

/** A source whose inputs are asked for. */
export type InputsRequest = {
  readonly source: ApplicationSource;
  readonly tools: Tools;
  /** The tree of the source's commit; none for a chart from a chart repository, whose version tells it apart. */
  readonly tree: Tree | undefined;
  /** Trees of the sources that lend their files, by the name of their `ref`. */
  readonly refs: ReadonlyMap<string, Tree>;
  /** The application's instance name: a file of overrides may be for it alone. */
  readonly instance: string;
  /** Puts build variables into a path. */
  substitute(text: string): string;
  /** The tools that the installation has switched on. */
  readonly enabled: ToolSettings['enabled'];
  /** How the installation's plugins find folders that nobody named a tool for. */
  readonly discoveries?: readonly Discovery[] | undefined;
};

/** All that a render of a source depends on, beside its request. */
export type Inputs = Omit<Found, 'revision'> & {
  readonly own: readonly Input[];
  /** What is read of the sources that lend their files, by the name of their `ref`. */
  readonly lent: ReadonlyMap<string, readonly Input[]>;
  /** Why the inputs can't be determined, so that the whole commit counts as read. */
  readonly undetermined: string | undefined;
  /** The submodules that it can need; undefined where those that it reads may lead to others. */
  readonly submodules: readonly string[] | undefined;
  /** Whether the revision itself is put into what is rendered. */
  readonly usesRevision: boolean;
  /** Undefined for a source that isn't in Git, and where the source's own words contradict each other. */
  readonly tool: string | undefined;
  /** Whether the worker reads the files itself, unless it asks for them on disk. */
  readonly readInProcess: boolean;
};

/** A source as its files leave it, and the tool that renders it. */
type Recognised = { readonly source: ApplicationSource; readonly tool: string | undefined };

const emptyTree = treeOf([], new Map());

/**
 * Tells from a commit's tree alone what rendering a source reads. It errs on the side of more: what it leaves out isn't
 * there when the source is rendered.
 */
export function* inputsOf(request: InputsRequest): FileRequests<Inputs> {
  const { tools, substitute } = request;
  const reader = readTree(request.tree ?? emptyTree);
  const findings = collectFindings();
  const lenders = new Map([...request.refs].map(([name, tree]) => [name, readTree(tree)]));
  const context = { reader, findings, lenders, substitute, source: request.source, folder: '' };
  const { source, tool } =
    request.tree === undefined ? elsewhere(tools, context) : yield* inTree(request, context);
  // What can't be told from the tree may well ask for the versions of the cluster.
  if (reader.undetermined !== undefined) findings.cluster();
  const { revision, ...found } = findings.found();
  const { staysInSubmodules, readsInProcess } =
    (tool === undefined ? undefined : ownField(tools, tool)) ?? {};
  const readers = [reader, ...lenders.values()];
  return {
    ...found,
    own: reader.inputs,
    lent: new Map([...lenders].map(([name, lender]) => [name, lender.inputs])),
    submodules: staysInSubmodules ? reader.submodules : undefined,
    undetermined: readers.find(({ undetermined }) => undetermined !== undefined)?.undetermined,
    usesRevision: revision || /ARGOCD_APP_(REVISION|SOURCE_TARGET)/.test(formatJson(source)),
    tool,
    readInProcess: readsInProcess === true,
  };
}

/** A chart or artifact that isn't in Git reads nothing but itself and what is lent to it. */
function elsewhere(tools: Tools, context: InputsContext): Recognised {
  context.findings.cluster();
  for (const name of namesIn(tools)) ownField(tools, name)?.lent?.(context);
  return { source: context.source, tool: undefined };
}

function* inTree(request: InputsRequest, context: InputsContext): FileRequests<Recognised> {
  const { tools } = request;
  const { reader } = context;
  const { path } = request.source;
  // Without a path it only lends its files, or is refused.
  const found = path ? reader.find('', path) : undefined;
  const folder = found?.kind === 'folder' ? found.path : undefined;
  const recognised =
    folder === undefined ? inSubmodule(request, context) : yield* inFolder(request, context, folder);
  const tool = recognised.tool === undefined ? undefined : ownField(tools, recognised.tool);
  if (tool !== undefined) {
    yield* tool.inputs({ ...context, folder: folder ?? '', source: recognised.source });
  }
  return recognised;
}

function* inFolder(
  request: InputsRequest,
  { reader }: InputsContext,
  folder: string,
): FileRequests<Recognised> {
  const { tools } = request;
  const names = reader.takeNames(folder);
  const source = yield* overridden(request, reader, folder);
  if (source === undefined) return { source: request.source, tool: undefined };
  const claiming = isToolChosen(tools, source) ? undefined : claimant(request, { reader, folder });
  return { source, tool: claiming ?? recognised(request, source, names) };
}

/** Of a path in a submodule nothing is known but whether a tool that claims folders is named for it, or may claim it. */
function inSubmodule(request: InputsRequest, { reader }: InputsContext): Recognised {
  const { source, tools } = request;
  if (reader.undetermined === undefined) return { source, tool: undefined };
  const named = namesIn(tools).find(
    (name) => ownField(tools, name)?.recognise.claims !== undefined && isNamed(ownField(tools, name), source),
  );
  const isOpen = named === undefined && !isToolChosen(tools, source);
  return { source, tool: isOpen ? claimant(request, { reader, folder: undefined }) : named };
}

/** The first tool that may claim a folder that nobody named a tool for. */
function claimant(
  { tools, discoveries = [] }: InputsRequest,
  place: { readonly reader: InputsContext['reader']; readonly folder: string | undefined },
): string | undefined {
  return namesIn(tools).find(
    (name) => ownField(tools, name)?.recognise.claims?.({ ...place, discoveries }) === true,
  );
}

/** The source with what files beside the manifests change of it; undefined where one of them is refused. */
function* overridden(
  request: InputsRequest,
  reader: InputsContext['reader'],
  folder: string,
): FileRequests<ApplicationSource | undefined> {
  const files = overrideFiles(request.instance).flatMap((name) => {
    const found = reader.find(folder, name);
    return found.kind === 'file' ? [{ name, path: found.path }] : [];
  });
  const contents = yield* requestFiles(files.map(({ path }) => path));
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

function recognised(
  { tools, enabled }: InputsRequest,
  source: ApplicationSource,
  names: readonly string[],
): string | undefined {
  try {
    return recogniseTool(tools, source, names, enabled);
  } catch {
    // The render refuses it in the same words; nothing more is read.
    return undefined;
  }
}
