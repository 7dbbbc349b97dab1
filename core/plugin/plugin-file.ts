import { z } from 'zod';
import { textsOfAnyName } from '../application/source/any-names.ts';
import { ownField } from '../own-field.ts';
import type { Report } from '../settings/words/problem.ts';
import { readYamlAs } from '../settings/words/read-value.ts';

/** A program with its arguments, as plugin files write it. */
export type PluginCommand = { readonly command: readonly string[]; readonly args: readonly string[] };

/** When a plugin takes a folder that nobody named a tool for. Undefined in all parts: only by name. */
export type Discovery = {
  /** A pattern for files of the folder itself. */
  readonly fileName?: string | undefined;
  /** A pattern in which two asterisks stand for folders of any depth. */
  readonly glob?: string | undefined;
  /** It matches where the program prints something. */
  readonly command?: PluginCommand | undefined;
};

/** What a plugin may use besides its copy of the files; the file's annotations say it. */
export type PluginRights = {
  readonly network: boolean;
  /** A folder that is kept from run to run. */
  readonly cache: boolean;
  /** Variables of those that the operator offers to plugins; undefined where the file doesn't say. */
  readonly variables: readonly string[] | undefined;
};

/** A config management plugin as its file describes it. */
export type PluginFile = {
  /** `<name>`, or `<name>-<version>` where the file has a version: what applications call it. */
  readonly address: string;
  readonly name: string;
  readonly version: string;
  readonly init: PluginCommand | undefined;
  readonly generate: PluginCommand;
  readonly discovery: Discovery;
  readonly parameters: {
    readonly announced: readonly ParameterAnnouncement[];
    /** Prints further ones as a JSON list. */
    readonly command: PluginCommand | undefined;
  };
  /** Whether files stay executable in the plugin's copy. */
  readonly preserveFileMode: boolean;
  readonly rights: PluginRights;
};

/** Annotations of a plugin file by which it asks for rights. */
export const rightAnnotations = {
  network: 'keelson.dev/network',
  cache: 'keelson.dev/cache',
  variables: 'keelson.dev/env',
} as const;

const Texts = z.array(z.string()).nullish();
const Command = z.looseObject({ command: Texts, args: Texts });
const Text = z.string().nullish();

/** What a plugin says can be set, for forms. */
export const ParameterAnnouncement = z.looseObject({
  name: z.string().optional(),
  title: z.string().optional(),
  tooltip: z.string().optional(),
  required: z.boolean().optional(),
  itemType: z.string().optional(),
  collectionType: z.string().optional(),
  string: z.string().optional(),
  array: z.array(z.string()).optional(),
  map: textsOfAnyName.optional(),
});
export type ParameterAnnouncement = z.infer<typeof ParameterAnnouncement>;

/** The list that the program of dynamic parameters prints. */
export const Announcements = z.array(ParameterAnnouncement);

const File = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), annotations: z.record(z.string(), z.string()).nullish() }),
  spec: z.looseObject({
    version: Text,
    init: Command.nullish(),
    generate: Command,
    discover: z
      .looseObject({
        fileName: Text,
        find: z.looseObject({ command: Texts, args: Texts, glob: Text }).nullish(),
      })
      .nullish(),
    parameters: z.looseObject({ static: Announcements.nullish(), dynamic: Command.nullish() }).nullish(),
    preserveFileMode: z.boolean().nullish(),
  }),
});

const expectedKind = 'ConfigManagementPlugin';
/** It becomes part of a file name. */
const addressPattern = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const variablePattern = /^[A-Za-z_]\w*$/;

/** Reads a plugin file; undefined, with reports, when it can't be used. */
export function readPluginFile(text: string, report: Report): PluginFile | undefined {
  const file = readYamlAs(File, text, report);
  if (file === undefined) return undefined;
  const { metadata, spec } = file;
  let isUsable = true;
  const refuse: Report = (message, place) => {
    isUsable = false;
    report(message, place);
  };
  const version = spec.version ?? '';
  const address = version === '' ? metadata.name : `${metadata.name}-${version}`;
  if (file.kind !== expectedKind) refuse(`must be ${expectedKind}; change it`, 'kind');
  if (!addressPattern.test(address)) {
    refuse(
      `makes the name "${address}"; use letters, digits, dots, underscores and hyphens for name and version`,
      'metadata.name',
    );
  }
  const generate = commandOf(spec.generate, 'spec.generate', refuse);
  if (generate === undefined)
    refuse('is empty; set it to the program that prints the manifests', 'spec.generate.command');
  const rights = rightsOf(metadata.annotations ?? {}, refuse);
  const { discover, parameters } = spec;
  const plugin = {
    ...{ address, name: metadata.name, version },
    init: commandOf(spec.init, 'spec.init', refuse),
    discovery: {
      fileName: discover?.fileName || undefined,
      glob: discover?.find?.glob || undefined,
      command: commandOf(discover?.find, 'spec.discover.find', refuse),
    },
    parameters: {
      announced: parameters?.static ?? [],
      command: commandOf(parameters?.dynamic, 'spec.parameters.dynamic', refuse),
    },
    preserveFileMode: spec.preserveFileMode ?? false,
    rights,
  };
  return isUsable && generate !== undefined ? { ...plugin, generate } : undefined;
}

/** Whether a plugin ever takes a folder that nobody named it for. */
export function discovers({ fileName, glob, command }: Discovery): boolean {
  return fileName !== undefined || glob !== undefined || command !== undefined;
}

function commandOf(
  written: z.infer<typeof Command> | null | undefined,
  place: string,
  report: Report,
): PluginCommand | undefined {
  const command = written?.command ?? [];
  const args = written?.args ?? [];
  if (command.length > 0) return { command, args };
  if (args.length > 0) report('are there without a command; add the program as command', `${place}.args`);
  return undefined;
}

function rightsOf(annotations: Readonly<Record<string, string>>, report: Report): PluginRights {
  const isSet = (name: string): boolean => {
    const text = ownField(annotations, name) ?? 'false';
    if (text !== 'true' && text !== 'false') report('must be "true" or "false"; change it', name);
    return text === 'true';
  };
  const variables = annotations[rightAnnotations.variables]?.split(/[\s,]+/).filter((name) => name !== '');
  const odd = variables?.find((name) => !variablePattern.test(name));
  if (odd !== undefined)
    report(`names "${odd}", which is no name of a variable; correct it`, rightAnnotations.variables);
  return { network: isSet(rightAnnotations.network), cache: isSet(rightAnnotations.cache), variables };
}
