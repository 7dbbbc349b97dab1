import { cp, mkdir, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { KeelsonError } from '../../../core/errors.ts';
import { renderFailure } from '../failure.ts';
import { isInside, locate } from '../files/confine.ts';
import { firstLink } from '../files/stage.ts';
import { fetchAll } from '../helm/fetch-all.ts';
import type { Rendering } from '../request.ts';
import {
  folderReferences,
  type Kustomization,
  type KustomizationFile,
  readKustomization,
} from './kustomization.ts';

const Charts = z.object({
  helmGlobals: z.object({ chartHome: z.string().nullish() }).nullish(),
  helmCharts: z
    .array(
      z.object({
        name: z.string(),
        repo: z.string().nullish(),
        version: z.union([z.string(), z.number()]).nullish(),
      }),
    )
    .nullish(),
});

/** A folder with a kustomization, among all that a source builds on. */
export type KustomizedFolder = { readonly folder: string; readonly content: Kustomization };

/** All folders of the repository that a kustomization is built from, itself first; `edited` stands for its own file. */
export async function kustomizedFolders(
  root: string,
  start: string,
  edited?: KustomizationFile,
): Promise<KustomizedFolder[]> {
  const found = new Map<string, KustomizedFolder>();
  const pending = [start];
  for (let folder = pending.shift(); folder !== undefined; folder = pending.shift()) {
    if (found.has(folder)) continue;
    const own = folder === start && edited !== undefined;
    const kustomization = own ? edited : await readKustomization(root, folder).catch(() => undefined);
    // A file, or nothing: Kustomize says so where it matters. What can't be read here names charts that it can't fetch.
    if (kustomization?.content === undefined) continue;
    const { content } = kustomization;
    found.set(folder, { folder, content });
    for (const reference of folderReferences(content)) {
      const place = await locate(root, folder, reference);
      if (place.kind === 'found') pending.push(await realpath(place.path));
    }
  }
  return [...found.values()];
}

/** Whether a kustomization has charts that Kustomize would fetch. */
export function hasCharts({ content }: KustomizedFolder): boolean {
  return chartsOf(content).charts.some(({ repo }) => Boolean(repo));
}

/**
 * Puts the charts of kustomizations where Kustomize looks before it fetches them itself, in a copy of the folders: with
 * the credentials of the project's repositories, which Kustomize could not be given.
 */
export async function writeCharts(
  rendering: Rendering,
  folders: readonly KustomizedFolder[],
  copyOf: (folder: string) => string,
): Promise<void> {
  for (const { folder, content } of folders) {
    const copy = copyOf(folder);
    const { home, charts } = chartsOf(content);
    const wanted = charts.filter(({ repo }) => Boolean(repo));
    if (wanted.length === 0) continue;
    if (!isInside(copy, join(copy, home)) || home.startsWith('/')) {
      const where = relative(rendering.root, folder) || '.';
      throw renderFailure(
        rendering,
        `${where}: helmGlobals.chartHome ${home} leads out of its folder; use one inside it`,
      );
    }
    await fetchAll(wanted, (chart) => placeChart(rendering, copy, home, chart));
  }
}

type WantedChart = NonNullable<z.infer<typeof Charts>['helmCharts']>[number];

async function placeChart(
  rendering: Rendering,
  copy: string,
  home: string,
  { name, repo, version }: WantedChart,
): Promise<void> {
  const packed = version ? join(home, `${name}-${version}`, name) : join(home, name);
  const target = join(copy, packed);
  if (!isInside(copy, target)) {
    throw renderFailure(rendering, `chart ${name}: its name is no name of a chart; correct it`);
  }
  const link = await firstLink(copy, packed);
  if (link !== undefined) {
    throw renderFailure(rendering, `${link}: is a symlink where charts go; replace it by a folder`);
  }
  if (await exists(target)) return;
  await fetchChart(rendering, { name, repo: repo ?? '', version: version ? String(version) : '*' }, target);
}

async function fetchChart(
  rendering: Rendering,
  { name, repo, version }: { name: string; repo: string; version: string },
  target: string,
): Promise<void> {
  const { remote, signal } = rendering;
  if (remote === undefined)
    throw renderFailure(rendering, `chart ${name}: nothing may be fetched here; put it into the repository`);
  try {
    const source = { access: await remote.accessFor(repo), chart: name, signal };
    const exact = await remote.charts.resolveVersion({ ...source, version });
    const chart = await remote.charts.fetch({ ...source, version: exact });
    try {
      await mkdir(join(target, '..'), { recursive: true });
      await cp(chart.path, target, { recursive: true, verbatimSymlinks: true });
    } finally {
      await chart.release();
    }
  } catch (cause) {
    if (!(cause instanceof KeelsonError)) throw cause;
    const { code, retryable } = cause;
    throw renderFailure(rendering, `chart ${name}: ${cause.message}`, { code, retryable, cause });
  }
}

function chartsOf(content: Kustomization) {
  const read = Charts.safeParse(content);
  // What doesn't fit is Kustomize's to complain about.
  if (!read.success) return { home: 'charts', charts: [] };
  return { home: read.data.helmGlobals?.chartHome || 'charts', charts: read.data.helmCharts ?? [] };
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
