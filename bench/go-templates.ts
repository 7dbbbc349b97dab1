/**
 * What Go templates cost: the start of the module, single renders, a set of 2,000 applications, and how soon hostile
 * templates end. Run: node bench/go-templates.ts
 */
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { gzipSync } from 'node:zlib';
import { obtainFor, toolPath } from '../local/obtain/tools.ts';
import { createReporter } from '../local/reporter.ts';
import { createGoTemplates, type GoTemplates, type TemplateText } from '../platform/gotemplate/gotemplate.ts';
import { quantileTable } from './support/figures.ts';

const run = { seed: 'bench', time: new Date('2026-01-01T00:00:00Z') };
const applications = 2000;

const application: TemplateText = {
  use: 'applicationSet',
  name: 'application',
  text: `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: '{{ .cluster.name }}-{{ .app | normalize }}'
  labels: { env: '{{ index .cluster.labels "env" | default "none" }}' }
spec:
  project: '{{ .project }}'
  source:
    repoURL: '{{ .url }}'
    path: 'apps/{{ .path.basename }}'
    targetRevision: '{{ if eq .env "prod" }}stable{{ else }}HEAD{{ end }}'
  destination: { server: '{{ .cluster.server }}', namespace: '{{ .app | lower }}' }
`,
  options: ['missingkey=error'],
};

const parameters = Array.from({ length: applications }, (_, index) => ({
  app: `Shop_${index % 40}`,
  env: index % 3 === 0 ? 'prod' : 'dev',
  project: 'default',
  url: 'https://git.example.com/shop.git',
  path: { basename: `shop-${index % 40}` },
  cluster: { name: `c${index}`, server: `https://10.0.0.${index % 250}`, labels: { env: 'prod' } },
}));

const hostile: Readonly<Record<string, string>> = {
  'endless loop': '{{ range until 1000000 }}{{ range until 1000000 }}{{ end }}{{ end }}',
  'text of 2 GB': '{{ repeat 2000000000 "x" }}',
  'endless recursion': '{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}',
};

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function sample(count: number, work: (index: number) => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let index = 0; index < count; index++) taken.push(await millisecondsOf(() => work(index)));
  return taken;
}

async function measure(modulePath: string): Promise<void> {
  const starts = await sample(5, async () => {
    const fresh = createGoTemplates(modulePath);
    await fresh.renderTemplate({ ...application, text: 'x' }, {}, run);
    await fresh.close();
  });
  const templates: GoTemplates = createGoTemplates(modulePath);
  await templates.renderEach(application, parameters, run);
  const single = (index: number) => templates.renderTemplate(application, parameters[index], run);
  const unparsed = (index: number) =>
    templates.renderTemplate(
      { ...application, text: `${application.text}# ${index}` },
      parameters[index],
      run,
    );
  const rows = {
    'start to first output': starts,
    'one application, parsed before': await sample(300, single),
    'one application, parsed anew': await sample(300, unparsed),
    [`${applications} applications in one call`]: await sample(10, () =>
      templates.renderEach(application, parameters, run),
    ),
  };
  process.stdout.write(`${quantileTable(rows)}\n`);
  for (const [name, text] of Object.entries(hostile)) {
    const ended = await millisecondsOf(() => templates.renderTemplate({ ...application, text }, {}, run));
    process.stdout.write(`  ${name}: ended after ${ended.toFixed(0)} ms\n`);
  }
  await templates.close();
}

await obtainFor('bench', { reporter: createReporter(), except: ['temporal-server', 'temporal-sql-tool'] });
const modulePath = await toolPath('gotemplate');
const bytes = readFileSync(modulePath);
const megabytes = (size: number): string => (size / 1e6).toFixed(1);
process.stdout.write(
  `module ${megabytes(bytes.length)} MB, ${megabytes(gzipSync(bytes).length)} MB packed; load ${loadavg()[0]?.toFixed(1)}\n`,
);
await measure(modulePath);
