import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { formatJson } from '../../core/object/json.ts';
import { readDocument } from '../../core/yaml/read.ts';
import { locate } from './confine.ts';

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
  readonly lock?: { readonly digest: string; readonly dependencies: readonly ChartDependency[] };
  /** Older charts have their lock written by Helm 2, with a digest of another form. */
  readonly old: boolean;
};

/** Reads Chart.yaml and its lock, or requirements.yaml for the older form; undefined when they can't be read. */
export async function readNeeds(root: string, folder: string): Promise<Needs | undefined> {
  const chart = ChartFile.safeParse(await readYaml(root, folder, 'Chart.yaml'));
  if (!chart.success) return undefined;
  const old = chart.data.apiVersion !== 'v2';
  const [wanted, lockName] = old
    ? [await readYaml(root, folder, 'requirements.yaml'), 'requirements.lock']
    : [chart.data, 'Chart.lock'];
  const needs = Dependencies.safeParse(wanted ?? {});
  if (!needs.success) return undefined;
  const lock = LockFile.safeParse(await readYaml(root, folder, lockName));
  return {
    dependencies: needs.data.dependencies ?? [],
    old,
    ...(lock.success
      ? { lock: { digest: lock.data.digest ?? '', dependencies: lock.data.dependencies ?? [] } }
      : {}),
  };
}

/** The digest that Helm writes into a lock for what was asked and what was found. */
export function lockDigest(asked: readonly ChartDependency[], found: readonly ChartDependency[]): string {
  const json = formatJson([asked.map(inOrder), found.map(inOrder)]);
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

async function readYaml(root: string, folder: string, name: string): Promise<unknown> {
  const place = await locate(root, folder, name);
  if (place.kind !== 'found') return undefined;
  try {
    return readDocument(await readFile(join(folder, name), 'utf8'), 'chart');
  } catch {
    // Helm has read the same file and said what is wrong with it.
    return undefined;
  }
}
