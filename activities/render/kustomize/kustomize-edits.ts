import { randomUUID } from 'node:crypto';
import type { KustomizePatch, KustomizeSource } from '../../../core/application/source/source-spec.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { formatYamlJson } from '../../../core/object/json/json.ts';
import { substitute } from '../environment.ts';

/** One run of `kustomize edit`: the arguments behind that word. */
export type Edit = readonly string[];

type Variables = Readonly<Record<string, string>>;
type Make = (options: KustomizeSource, variables: Variables) => Edit | undefined;

/** Options in the order of the reference, as the tool itself makes the change. */
const edits: readonly Make[] = [
  ({ namePrefix }) => (namePrefix ? ['set', 'nameprefix', '--', namePrefix] : undefined),
  ({ nameSuffix }) => (nameSuffix ? ['set', 'namesuffix', '--', nameSuffix] : undefined),
  ({ images }, variables) =>
    some(images, (all) => ['set', 'image', '--', ...all.map((image) => substitute(image, variables))]),
  ({ replicas }, variables) =>
    some(replicas, (all) => [
      ...['set', 'replicas', '--'],
      ...all.map(({ name, count }) => `${name}=${readCount(name, count, variables)}`),
    ]),
  (options, variables) =>
    some(
      pairsOf(options.commonLabels, (value) => substitute(value, variables)),
      (pairs) => [
        ...['add', 'label'],
        ...(options.forceCommonLabels === true ? ['--force'] : []),
        ...(options.labelWithoutSelector === true ? ['--without-selector'] : []),
        ...(options.labelIncludeTemplates === true ? ['--include-templates'] : []),
        ...['--', ...pairs],
      ],
    ),
  (options, variables) =>
    some(
      pairsOf(options.commonAnnotations, (value) =>
        options.commonAnnotationsEnvsubst === true ? substitute(value, variables) : value,
      ),
      (pairs) => [
        ...['add', 'annotation'],
        ...(options.forceCommonAnnotations === true ? ['--force'] : []),
        ...['--', ...pairs],
      ],
    ),
  ({ namespace }) => (namespace ? ['set', 'namespace', '--', namespace] : undefined),
];

/** Whether a source changes the kustomization before it is built. */
export function hasKustomizeOptions(options: KustomizeSource): boolean {
  const { version: _, kubeVersion: __, apiVersions: ___, ...changes } = options;
  return Object.values(changes).some((value) => value !== undefined && value !== '' && value !== false);
}

/** The edits that come before patches; components are added last, as the reference does. */
export function kustomizeEdits(options: KustomizeSource, variables: Variables): Edit[] {
  return edits.flatMap((make) => {
    const edit = make(options, variables);
    return edit === undefined ? [] : [edit];
  });
}

/** A patch on its way into a kustomization: the tool adds its mark, which the patch itself takes the place of. */
export type MarkedPatch = { readonly mark: string; readonly patch: KustomizePatch };

/** Flags of `edit add patch` don't know a patch's `options`, and leave out one that is there already. */
export function markPatches(patches: readonly KustomizePatch[]): MarkedPatch[] {
  return patches.map((patch) => ({ mark: `keelson-${randomUUID()}`, patch }));
}

/** Puts patches where the tool has written their marks; each in one line, whatever is in it. */
export function insertPatches(kustomization: string, marked: readonly MarkedPatch[]): string {
  return marked.reduce((text, { mark, patch }) => {
    const line = `- patch: ${mark}\n`;
    const at = text.indexOf(line);
    if (at === -1) {
      throw new KeelsonError(
        'render-failed',
        'the version of Kustomize writes patches in a way that is not known; commit the patches, or use another kustomize.version',
      );
    }
    return `${text.slice(0, at)}- ${formatYamlJson(patch)}\n${text.slice(at + line.length)}`;
  }, kustomization);
}

function some<T>(list: readonly T[] | undefined, make: (list: readonly T[]) => Edit): Edit | undefined {
  return list === undefined || list.length === 0 ? undefined : make(list);
}

/** The tool takes one pair of quotes off a value, so that one is put on and what is inside stays as it is. */
function pairsOf(
  texts: Readonly<Record<string, string>> | undefined,
  change: (value: string) => string,
): string[] {
  return Object.entries(texts ?? {}).map(([key, value]) => `${key}:"${change(value)}"`);
}

function readCount(name: string, count: number | string, variables: Variables): number {
  const read = typeof count === 'number' ? count : Number(substitute(count, variables));
  if (Number.isInteger(read) && read >= 0) return read;
  throw new KeelsonError(
    'invalid-argument',
    `kustomize replicas of ${name}: '${count}' is not a count; write a whole number`,
  );
}
