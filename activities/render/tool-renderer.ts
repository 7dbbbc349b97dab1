import type { ParameterAnnouncement } from '../../core/plugin/plugin-file.ts';
import type { Tool } from '../../core/render/tool.ts';
import type { FoundFolder, Rendered } from './request.ts';

/** A renderer: the tool's pure half, joined with what acts. */
export type ToolRenderer = Tool & {
  /** Turns the folder of a source into objects. */
  render(folder: FoundFolder): Promise<Rendered>;
  /** What can be set for a source; nothing where that is not for the tool to say. */
  readonly parameters?: (folder: FoundFolder) => Promise<readonly ParameterAnnouncement[]>;
  /** Asks whether it takes a folder that nobody named a tool for; undefined when it doesn't. */
  readonly claim?: (folder: FoundFolder) => Promise<Claim | undefined>;
};

/** What a renderer does with a folder that it has claimed. */
export type Claim = {
  render(): Promise<Rendered>;
  parameters(): Promise<readonly ParameterAnnouncement[]>;
};

/** Renderers by the names of their tools; what no other is recognised for is a directory of plain manifests. */
export type Renderers<Name extends string = string> = Readonly<Record<Name | 'Directory', ToolRenderer>>;
