import { ownField } from '../../core/own-field.ts';
import type { ProjectSpec } from '../../core/project/project.ts';

/** What a command that edits a project was given. */
export type EditInput = {
  readonly project: string;
  /** The arguments after the project's name. */
  readonly words: readonly string[];
  /** The flags by their long names; a switch that wasn't given is absent. */
  readonly flags: Readonly<Record<string, unknown>>;
};

/** A flag of an edit, as the parser of arguments takes it. */
export type EditFlag = {
  /** Such as `-l, --list`. */
  readonly name: string;
  readonly description: string;
  /** A switch is on or off, a list has parts between commas. */
  readonly kind: 'list' | 'switch' | 'text';
  readonly initial?: string;
};

/** What becomes of a spec: another one, with words for it, or words for why it stays. */
export type Edited =
  | { readonly spec: ProjectSpec; readonly says?: string | undefined }
  | { readonly stays: string; readonly spec?: undefined };

/** A command that changes a part of a project: it is read, edited and written back. */
export type ProjectEdit = {
  readonly name: string;
  readonly description: string;
  /** The names of its arguments after the project's. */
  readonly words: readonly string[];
  readonly flags?: readonly EditFlag[];
  /** Throws where what was given is none, or not there. */
  edit(spec: ProjectSpec, input: EditInput): Edited;
};

/** The text of a flag; empty where it wasn't given. */
export function textFlag({ flags }: Pick<EditInput, 'flags'>, name: string): string {
  const value = ownField(flags, name);
  return typeof value === 'string' ? value : '';
}

/** The parts of a flag; none where it wasn't given. */
export function listFlag({ flags }: Pick<EditInput, 'flags'>, name: string): string[] {
  const value = ownField(flags, name);
  return Array.isArray(value) ? value.map(String) : [];
}
