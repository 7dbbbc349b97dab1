import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A chart to pack: its Chart.yaml beyond name and version, and files besides. */
export type TestChart = {
  readonly name: string;
  readonly version: string;
  readonly chart?: string;
  readonly files?: Readonly<Record<string, string>>;
};

/** A ConfigMap that says which chart made it, with the value `a`. */
export const tellingTemplate = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-{{ .Chart.Name }}
data:
  version: {{ .Chart.Version | quote }}
  a: {{ .Values.a | quote }}
`;

/** Runs the real Helm with a home of its own. */
export async function runHelm(helm: string, args: readonly string[], cwd: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'keelson-helm-home-'));
  try {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      HELM_CACHE_HOME: join(home, 'cache'),
      HELM_CONFIG_HOME: join(home, 'config'),
      HELM_DATA_HOME: join(home, 'data'),
    };
    return (await run(helm, [...args], { cwd, env })).stdout;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Packs a chart with the real Helm into a folder; returns the archive's path. */
export async function packChart(helm: string, folder: string, chart: TestChart): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), 'keelson-chart-'));
  try {
    const files: Record<string, string> = {
      'Chart.yaml': `apiVersion: v2\nname: ${chart.name}\nversion: ${chart.version}\n${chart.chart ?? ''}`,
      'values.yaml': 'a: chart\n',
      'templates/telling.yaml': tellingTemplate,
      ...chart.files,
    };
    for (const [name, text] of Object.entries(files)) {
      const path = join(work, chart.name, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
    await mkdir(folder, { recursive: true });
    await runHelm(helm, ['package', join(work, chart.name), '--destination', folder], work);
    return join(folder, `${chart.name}-${chart.version}.tgz`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
