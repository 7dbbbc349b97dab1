import type { ApplicationSource } from '../application/source/source-spec.ts';
import { KeelsonError } from '../errors.ts';
import { ownField } from '../own-field.ts';
import { defaultToolSettings, type ToolSettings } from '../settings/words/tool-settings.ts';
import { namesIn, type Recognition } from './tool.ts';

/** As much of tools as recognising takes; what no other is recognised for is a directory of plain manifests. */
type Recognisers<Name extends string> = Readonly<
  Record<Name | 'Directory', { readonly recognise: Recognition }>
>;

/** Whether the source itself says which tool renders it. */
export function isToolChosen(tools: Recognisers<string>, source: ApplicationSource): boolean {
  return namesIn(tools).some((name) => isNamed(ownField(tools, name), source));
}

/** Whether a file of this name, directly in a source's folder, counts for the choice of its tool. */
export function isToolFile(tools: Recognisers<string>, name: string): boolean {
  return namesIn(tools).some((tool) => ownField(tools, tool)?.recognise.file?.(name) === true);
}

/** Whether a field of the source names this tool. */
export function isNamed(
  tool: { readonly recognise: Recognition } | undefined,
  source: ApplicationSource,
): boolean {
  const field = tool?.recognise.field;
  return field !== undefined && ownField(source, field) !== undefined;
}

/**
 * The tool that renders a source: a field of its own decides, else a chart, else the names of the files directly in the
 * source's folder. Names are looked at in lexical order and a later match wins, so a kustomization beats `Chart.yaml`.
 * Without a match, or where the installation has switched the tool off, the folder holds plain manifests.
 */
export function recogniseTool<Name extends string>(
  tools: Recognisers<Name>,
  source: ApplicationSource,
  fileNames: readonly string[],
  enabled: ToolSettings['enabled'] = defaultToolSettings.enabled,
): Name | 'Directory' {
  const names = namesIn(tools);
  const on = names.filter((name) => {
    const { setting } = tools[name].recognise;
    return setting === undefined || enabled[setting];
  });
  const named = names.filter((name) => isNamed(tools[name], source));
  if (named.length > 1) {
    const fields = named.map((name) => tools[name].recognise.field).join(', ');
    throw new KeelsonError(
      'invalid-argument',
      `multiple application sources defined: ${fields}; keep one of them`,
    );
  }
  const [only] = named;
  if (only !== undefined) return on.includes(only) ? only : 'Directory';
  if (source.chart) return on.find((name) => tools[name].recognise.charts === true) ?? 'Directory';
  const matches = fileNames.flatMap((file) =>
    on.flatMap((tool) => (tools[tool].recognise.file?.(file) === true ? [{ file, tool }] : [])),
  );
  return matches.sort((a, b) => byCodeUnits(a.file, b.file)).at(-1)?.tool ?? 'Directory';
}

/** Lexical order of file names as file systems list them; locale order would differ between machines. */
function byCodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
