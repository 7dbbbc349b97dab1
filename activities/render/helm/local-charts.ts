import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatYamlJson } from '../../../core/object/json/json.ts';
import { renderFailure } from '../failure.ts';
import { locate } from '../files/confine.ts';
import type { Rendering } from '../request.ts';
import { runTool } from '../tool.ts';
import type { ChartDependency } from './chart-file.ts';
import { helmHomes } from './helm-homes.ts';

/**
 * Packs charts that lie beside the one that needs them, and puts the archives into its `charts/`. Helm does it, for a
 * chart made up here that needs nothing else: so ignored files, links and versions mean what they mean to Helm, and no
 * repository has to be told to it.
 */
export async function packLocalCharts(
  rendering: Rendering,
  dependencies: readonly ChartDependency[],
  charts: string,
): Promise<void> {
  const wanted = await Promise.all(
    dependencies.map(async ({ name, version, repository }, position) => {
      const path = await pathOf(rendering, name, repository?.slice('file://'.length) ?? '');
      // One chart may be needed several times, which Helm takes only under different names.
      return { name, version: version ?? '', repository: `file://${path}`, alias: `needed-${position}` };
    }),
  );
  const work = join(rendering.scratch, 'local-charts');
  await mkdir(work);
  const chart = { apiVersion: 'v2', name: 'local-charts', version: '0.0.0', dependencies: wanted };
  await writeFile(join(work, 'Chart.yaml'), formatYamlJson(chart));
  await runTool(rendering, {
    name: 'helm dependency build',
    path: rendering.tools.helm,
    args: ['dependency', 'update', '--skip-refresh', '.'],
    cwd: work,
    variables: helmHomes(rendering.scratch),
    remedies: [
      {
        pattern: /can't get a valid version/i,
        remedy:
          'the charts in the named folders have other versions; correct the version, and the lock if there is one',
      },
    ],
  });
  for (const file of await readdir(join(work, 'charts'))) {
    await copyFile(join(work, 'charts', file), join(charts, file));
  }
}

async function pathOf(rendering: Rendering, name: string, path: string): Promise<string> {
  const found = path.startsWith('/') ? undefined : await locate(rendering.root, rendering.folder, path);
  if (found?.kind === 'found') return found.path;
  const problem =
    found?.kind === 'missing'
      ? 'does not exist; use a path of the repository, relative to the chart'
      : 'leads out of the repository; use a path inside it, relative to the chart';
  throw renderFailure(rendering, `dependency ${name}: file://${path} ${problem}`);
}
