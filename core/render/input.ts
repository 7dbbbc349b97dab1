import { formatJson } from '../object/json/json.ts';
import { globPattern } from '../text/glob.ts';
import { below, filesBelow, folderMode, isWithin, type Tree } from './tree.ts';

/** Plain manifests of a folder, as a directory source chooses them. */
export type ManifestChoice = {
  readonly recurse: boolean;
  readonly include?: string;
  readonly exclude?: string;
};

/** Something in a commit's tree that a render depends on; its state tells one commit's from another's. */
export type Input =
  /** What is at a path: a file's content, a symlink's target, that a folder is there, or that nothing is. */
  | { readonly kind: 'entry'; readonly path: string }
  /** Everything below a folder. */
  | { readonly kind: 'tree'; readonly path: string }
  /** The files in a folder by whose names a tool is chosen. */
  | { readonly kind: 'tool'; readonly path: string }
  /** The `.gitattributes` that hold for the files in a folder: its own and those of the folders above. */
  | { readonly kind: 'attributes'; readonly path: string }
  /** The manifest files of a folder. */
  | { readonly kind: 'manifests'; readonly path: string; readonly choice: ManifestChoice };

const manifestName = /\.(yaml|yml|json|jsonnet)$/;

/** Whether the choice of a folder's tool depends on a file of this name. */
export type IsToolFile = (name: string) => boolean;

/** A short text that is the same in two trees exactly if the input is. */
export function stateOf(tree: Tree, input: Input, isToolFile: IsToolFile): string {
  switch (input.kind) {
    case 'entry':
      return entryState(tree, input.path);
    case 'tree':
      return treeState(tree, input.path);
    case 'tool':
      return tree
        .names(input.path)
        .filter(isToolFile)
        .map((name) => `${name} ${entryState(tree, below(input.path, name))}`)
        .join('\n');
    case 'attributes':
      return attributeFiles(input.path)
        .filter((path) => tree.at(path) !== undefined)
        .map((path) => `${path} ${entryState(tree, path)}`)
        .join('\n');
    case 'manifests':
      return [...manifestFiles(tree, input.path, input.choice), ...submodulesFor(tree, input)]
        .map((path) => `${path} ${entryState(tree, path)}`)
        .join('\n');
  }
}

/** Submodules that a choice of manifests goes into: one that is added brings manifests, whatever its name is. */
function submodulesFor(tree: Tree, { path, choice }: Extract<Input, { kind: 'manifests' }>): string[] {
  return choice.recurse ? tree.submodules.filter((one) => isWithin(path, one)) : [];
}

/** Where the attributes for files in a folder may be written. */
function attributeFiles(folder: string): string[] {
  const parts = folder === '' ? [] : folder.split('/');
  return ['', ...parts.map((_, last) => parts.slice(0, last + 1).join('/'))].map((one) =>
    below(one, '.gitattributes'),
  );
}

/** The files, symlinks and folders of a tree that an input stands for. */
export function pathsOf(tree: Tree, input: Input, isToolFile: IsToolFile): string[] {
  switch (input.kind) {
    case 'entry':
      return tree.at(input.path) === undefined ? [] : [input.path];
    case 'tree':
      return [input.path, ...filesBelow(tree, input.path)];
    case 'tool':
      return tree
        .names(input.path)
        .filter(isToolFile)
        .map((name) => below(input.path, name));
    case 'attributes':
      return attributeFiles(input.path).filter((path) => tree.at(path) !== undefined);
    case 'manifests':
      return [input.path, ...manifestFiles(tree, input.path, input.choice)];
  }
}

/** Tells two inputs apart, also after they were stored, which changes the order of fields. */
export function inputId(input: Input): string {
  if (input.kind !== 'manifests') return `${input.kind} ${input.path}`;
  const { recurse, include = '', exclude = '' } = input.choice;
  return formatJson([input.kind, input.path, recurse, include, exclude]);
}

/** The files that a directory source reads, symlinks included, in lexical order of a walk. */
export function manifestFiles(tree: Tree, folder: string, choice: ManifestChoice): string[] {
  const include = choice.include ? globPattern(choice.include) : undefined;
  const exclude = choice.exclude ? globPattern(choice.exclude) : undefined;
  const start = folder === '' ? 0 : folder.length + 1;
  const paths = choice.recurse ? [...filesBelow(tree, folder)] : filesIn(tree, folder);
  return paths.filter((path) => {
    const name = path.slice(start);
    if (!manifestName.test(name)) return false;
    return exclude?.test(name) !== true && include?.test(name) !== false;
  });
}

function filesIn(tree: Tree, folder: string): string[] {
  return tree
    .names(folder)
    .map((name) => below(folder, name))
    .filter((path) => tree.at(path)?.mode !== folderMode);
}

function entryState(tree: Tree, path: string): string {
  const entry = tree.at(path);
  if (entry === undefined) return '-';
  return entry.mode === folderMode ? folderMode : `${entry.mode} ${entry.oid}`;
}

function treeState(tree: Tree, path: string): string {
  const entry = tree.at(path);
  if (path !== '') return entry === undefined ? '-' : `${entry.mode} ${entry.oid}`;
  return tree
    .names('')
    .map((name) => `${name} ${treeState(tree, name)}`)
    .join('\n');
}
