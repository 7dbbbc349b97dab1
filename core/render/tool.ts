import type { ApplicationSource } from '../application/source/source-spec.ts';
import type { Discovery } from '../plugin/plugin-file.ts';
import type { ToolSettings } from '../settings/words/tool-settings.ts';
import type { FileRequests } from './file-requests.ts';
import type { Findings } from './findings.ts';
import type { TreeReader } from './tree-reader.ts';

/** By what a source is known to be a tool's. */
export type Recognition = {
  /** The field of a source that names the tool, whatever the files of its folder are. */
  readonly field?: keyof ApplicationSource;
  /** Whether a file of this name, directly in a source's folder, makes the folder the tool's. */
  readonly file?: (name: string) => boolean;
  /** The tool renders the charts of chart repositories. */
  readonly charts?: true;
  /** The switch in the settings that leaves the tool's sources to be read as plain directories. */
  readonly setting?: keyof ToolSettings['enabled'];
  /** Whether the tool may take a folder that nobody named a tool for; asked before the names of files count. */
  readonly claims?: (context: ClaimContext) => boolean;
};

/** What a tool may look at to claim a folder. */
export type ClaimContext = {
  readonly reader: TreeReader;
  /** Undefined where the path leads into a submodule, whose files nobody sees here. */
  readonly folder: string | undefined;
  /** How the installation's plugins find folders. */
  readonly discoveries: readonly Discovery[];
};

/** The source that an analysis is about, and what may be asked and said of it. */
export type InputsContext = {
  readonly reader: TreeReader;
  readonly findings: Findings;
  /** Readers of the sources that lend their files, by the name of their `ref`. */
  readonly lenders: ReadonlyMap<string, TreeReader>;
  /** The source's folder from the root of its tree. */
  readonly folder: string;
  /** The source with what files beside its manifests change of it. */
  readonly source: ApplicationSource;
  /** Puts build variables into a path. */
  substitute(text: string): string;
};

/**
 * The pure half of a renderer: which sources are its own, and what rendering one reads. It errs on the side of more: a
 * render gets nothing but what was taken here, and equal states of it are the same render.
 */
export type Tool = {
  readonly recognise: Recognition;
  /** Takes all that rendering the folder reads, with the reader, and says the rest as findings. */
  inputs(context: InputsContext): FileRequests<void>;
  /** Takes what a source that is not in Git reads of the sources that lend their files. */
  readonly lent?: (context: InputsContext) => void;
  /** What the tool reads in one submodule leads into no other: only those that were come across are fetched. */
  readonly staysInSubmodules?: true;
  /** The worker reads the files itself, so they stay in memory until a program asks for them on disk. */
  readonly readsInProcess?: true;
};

/** Tools by name; what no other tool is recognised for is a directory of plain manifests. */
export type Tools<Name extends string = string> = Readonly<Record<Name | 'Directory', Tool>>;

/** The names of a table, in its order. */
export function namesIn<Name extends string>(table: Readonly<Record<Name, unknown>>): Name[] {
  const names: Name[] = [];
  for (const name in table) names.push(name);
  return names;
}
