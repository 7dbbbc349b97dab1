import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { KeelsonError } from '../../../core/errors.ts';
import { formatJson } from '../../../core/object/json/json.ts';
import { readUpToEnd } from '../../../core/yaml/read.ts';
import { UnreadableError } from '../../../core/yaml/unreadable.ts';
import { foreignText } from '../../../platform/foreign-text.ts';
import { locate } from '../files/confine.ts';

/** Text that somebody may have written without quotes. */
const Text = z.union([z.string(), z.number(), z.bigint(), z.boolean()]).transform(String);

const ChartDependency = z.object({
  name: Text,
  version: Text.nullish(),
  repository: Text.nullish(),
  condition: Text.nullish(),
  tags: z.array(Text).nullish(),
  enabled: z.boolean().nullish(),
  'import-values': z.array(z.unknown()).nullish(),
  alias: Text.nullish(),
});
/** A chart that another one needs, in the words of its Chart.yaml. */
export type ChartDependency = z.infer<typeof ChartDependency>;

const Dependencies = z.object({ dependencies: z.array(ChartDependency).nullish() });
const ChartFile = Dependencies.extend({ name: Text, apiVersion: Text.nullish() });
const LockFile = Dependencies.extend({ digest: Text.nullish() });

/** What a chart says of the charts that it needs. */
export type Needs = {
  readonly dependencies: readonly ChartDependency[];
  /** What was resolved when somebody last ran `helm dependency update`. */
  readonly lock?: Lock;
  /** Locks of charts of the first version may have been written by Helm 2, with a digest of another form. */
  readonly isFirstVersion: boolean;
};

type Lock = { readonly digest: string; readonly dependencies: readonly ChartDependency[] };

/**
 * Reads what a chart needs as Helm does: both forms of both files count for charts of both versions, the older form
 * over the newer one. A file that is there and can't be read is a failure: its versions must not be passed over.
 */
export async function readNeeds(root: string, folder: string): Promise<Needs> {
  const read = <Schema extends z.ZodType>(name: string, schema: Schema) =>
    readFileAs(root, folder, name, schema);
  const [chart, requirements, newLock, oldLock] = await Promise.all([
    read('Chart.yaml', ChartFile),
    read('requirements.yaml', Dependencies),
    read('Chart.lock', LockFile),
    read('requirements.lock', LockFile),
  ]);
  const lock = oldLock ?? newLock;
  return {
    dependencies: mergedDependencies(chart?.dependencies ?? [], requirements?.dependencies ?? undefined),
    isFirstVersion: !chart?.apiVersion || chart.apiVersion === 'v1',
    ...(lock === undefined
      ? {}
      : { lock: { digest: lock.digest ?? '', dependencies: lock.dependencies ?? [] } }),
  };
}

/** Helm reads one list over the other: what an entry of the second leaves out stays that of the first. */
function mergedDependencies(
  first: readonly ChartDependency[],
  second: readonly ChartDependency[] | undefined,
): readonly ChartDependency[] {
  return second?.map((dependency, position) => ({ ...first[position], ...dependency })) ?? first;
}

/** Whether a lock was made for these dependencies, by any Helm that may have written it. */
export function isLockOf(lock: Lock, asked: readonly ChartDependency[], isFirstVersion: boolean): boolean {
  if (lockDigest(asked, lock.dependencies) === lock.digest) return true;
  return isFirstVersion && digestOf({ dependencies: asked.map(inOrder) }) === lock.digest;
}

/** The digest that Helm writes into a lock for what was asked and what was found. */
export function lockDigest(asked: readonly ChartDependency[], found: readonly ChartDependency[]): string {
  return digestOf([asked.map(inOrder), found.map(inOrder)]);
}

function digestOf(value: unknown): string {
  const json = formatJson(value);
  // Helm's JSON has these characters escaped.
  const escaped = json.replaceAll(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `sha256:${createHash('sha256').update(escaped).digest('hex')}`;
}

/** Fields in Helm's order; what is empty is left out, except the repository. */
function inOrder(dependency: ChartDependency): Record<string, unknown> {
  const { name, version, repository, condition, tags, enabled, alias } = dependency;
  const values = dependency['import-values'];
  return {
    name,
    ...(version ? { version } : {}),
    repository: repository ?? '',
    ...(condition ? { condition } : {}),
    ...(tags?.length ? { tags } : {}),
    ...(enabled ? { enabled } : {}),
    ...(values?.length ? { 'import-values': values.map(sorted) } : {}),
    ...(alias ? { alias } : {}),
  };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

async function readFileAs<Schema extends z.ZodType>(
  root: string,
  folder: string,
  name: string,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> {
  const place = await locate(root, folder, name);
  if (place.kind === 'missing') return undefined;
  const unreadable = (cause?: unknown) =>
    new KeelsonError('render-failed', `${name} can't be read; correct it, or commit charts/`, { cause });
  if (place.kind !== 'found') throw unreadable();
  const text = foreignText(await readFile(join(folder, name)));
  const read = schema.safeParse(readAsHelm(text, unreadable) ?? {});
  if (read.success) return read.data;
  throw unreadable(read.error);
}

function readAsHelm(text: string, unreadable: (cause: unknown) => KeelsonError): unknown {
  try {
    // What stands behind the end has no effect on Helm either, which reads the file itself.
    return readUpToEnd(text, 'chart').value;
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    throw unreadable(error);
  }
}
