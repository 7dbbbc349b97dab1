import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Inspections } from '../../core/repository/inspection.ts';
import type { ListedChart } from '../helm/charts.ts';
import { readYaml } from './contents.ts';
import { ifShort, onlyFirst } from './limits.ts';

/** Versions in one answer: a repository may list hundreds for each of its charts. */
const mostVersions = 20_000;

/** Charts with as many of their newest versions as an answer holds. */
export function boundCharts(charts: readonly ListedChart[]): ListedChart[] {
  const shown = onlyFirst(charts);
  const each = Math.max(1, Math.floor(mostVersions / Math.max(1, shown.length)));
  return shown.map(({ name, versions }) => ({ name, versions: versions.slice(0, each) }));
}

const words = z.string().nullish().catch('');
const Chart = z.object({
  description: words,
  home: words,
  maintainers: z
    .array(z.object({ name: words, email: words }))
    .nullish()
    .catch([]),
});

/** What a chart's own file says of it. */
export async function aboutChart(folder: string): Promise<Inspections['chart-details']['reply']> {
  const text = await readFile(join(folder, 'Chart.yaml'), 'utf8');
  const { description, home, maintainers } = Chart.safeParse(readYaml(text, 'chart')).data ?? {};
  return {
    description: ifShort(description ?? ''),
    home: ifShort(home ?? ''),
    maintainers: onlyFirst(maintainers ?? []).map(({ name, email }) =>
      email ? `${name ?? ''} <${email}>`.trim() : (name ?? ''),
    ),
  };
}
