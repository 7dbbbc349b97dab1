/**
 * Renders public charts and kustomizations as an application would be, and compares each object with what plain
 * `helm template` and `kustomize build` print.
 * Run: node bench/render-parity.ts [--from DIR] [--only TEXT]
 */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { createGit } from '../activities/git.ts';
import { type RenderTools, renderSource } from '../activities/render/render.ts';
import { filesOnDisk } from '../activities/render/source-files.ts';
import { KeelsonError } from '../core/errors.ts';
import type { Manifest } from '../core/object/manifest.ts';
import { accessTo } from '../core/repository/access.ts';
import { createReporter } from '../local/reporter.ts';
import { obtainFor } from '../local/tools.ts';
import { createSandbox } from '../platform/sandbox/sandbox.ts';
import { type Files, type GitServer, startGitServer } from '../test/support/git-server.ts';
import { renderTools } from '../test/support/render-tools.ts';
import { quantileTable } from './figures.ts';
import { modules, type ParityCase } from './render-parity/cases.ts';
import { type Compared, compareObjects, type Verdict } from './render-parity/compare.ts';
import { obtain } from './render-parity/obtain.ts';
import { release, renderPlain } from './render-parity/plain.ts';

const { values: options } = parseArgs({ options: { from: { type: 'string' }, only: { type: 'string' } } });
await obtainFor('render', { reporter: createReporter() });
const sandbox = createSandbox({
  isolation: 'preferred',
  onUnavailable: (reason) => console.log(`without the sandbox: ${reason}`),
});
const dir = await mkdtemp(join(tmpdir(), 'keelson-parity-'));
const git = createGit({ cacheDir: join(dir, 'git') });
const totals: Record<Verdict, number> = { equal: 0, random: 0, different: 0, missing: 0, surplus: 0 };
const times: { keelson: number[]; plain: number[] } = { keelson: [], plain: [] };
let failed = 0;
let server: GitServer | undefined;
try {
  server = await startGitServer();
  await runAll(server, await renderTools());
} finally {
  await server?.stop();
  await git.dispose();
  await rm(dir, { recursive: true, force: true });
}
console.log(
  quantileTable({ 'keelson, sandbox and reading': times.keelson, 'plain tool alone': times.plain }),
);
const counts = Object.entries(totals).map(([verdict, count]) => `${count} ${verdict}`);
console.log(`${times.keelson.length} sources: ${counts.join(', ')}; ${failed} could not be rendered`);
const { different, missing, surplus } = totals;
if (different + missing + surplus + failed > 0) process.exitCode = 1;
if (times.keelson.length === 0) throw new KeelsonError('not-found', 'no source was rendered; correct --only');

async function runAll(at: GitServer, tools: RenderTools): Promise<void> {
  console.log(
    `${new Date().toISOString()}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}; milliseconds: Keelson, plain`,
  );
  for (const module of modules) {
    const wanted = module.cases.filter((one) => titleOf(module.name, one).includes(options.only ?? ''));
    if (wanted.length === 0) continue;
    const folder = await obtain(module, options.from);
    for (const one of wanted) {
      const title = titleOf(module.name, one);
      try {
        report(title, await compareCase(at, tools, folder, one));
      } catch (error) {
        if (!(error instanceof KeelsonError)) throw error;
        // One source that can't be rendered must not hide the others; it counts, and the command fails.
        failed++;
        console.log(`FAILED ${title}: ${error.message}`);
      }
    }
  }
}

function titleOf(module: string, { path, variant }: ParityCase): string {
  return `${module}/${path}${variant === undefined ? '' : ` (${variant})`}`;
}

type Outcome = { readonly compared: readonly Compared[]; readonly ours: number; readonly plain: number };

async function compareCase(
  at: GitServer,
  tools: RenderTools,
  module: string,
  wanted: ParityCase,
): Promise<Outcome> {
  const scratch = await mkdtemp(join(dir, 'plain-'));
  // Paths inside a source lead at most to its top folder, so that is all the repository needs.
  const [topName = ''] = wanted.path.split('/');
  const top = { ...wanted, path: wanted.path.split('/').slice(1).join('/') || '.' };
  const plain = await renderPlain(tools, join(module, topName), top, scratch);
  const files = await filesBelow(module, topName);
  const { url } = await at.createRepository(`source-${times.keelson.length + failed}`, files);
  const ours = await renderAsSource(tools, url, wanted);
  const result = { ours: ours.milliseconds, plain: plain.milliseconds };
  const compared = compareObjects(ours.manifests, plain.manifests);
  if (compared.every(({ verdict }) => verdict === 'equal')) return { ...result, compared };
  const second = join(scratch, 'again');
  await mkdir(second);
  const again = await renderPlain(tools, join(module, topName), top, second);
  return { ...result, compared: compareObjects(ours.manifests, plain.manifests, again.manifests) };
}

async function renderAsSource(
  tools: RenderTools,
  repoURL: string,
  { path, chart, values, kustomize }: ParityCase,
): Promise<{ manifests: readonly Manifest[]; milliseconds: number }> {
  const access = accessTo(repoURL);
  const { sha } = await git.resolveRevision({ access });
  const checkout = await git.checkout({ access, sha });
  const { name, namespace, kubeVersion } = release;
  try {
    const startedAt = performance.now();
    const { manifests } = await renderSource({
      files: filesOnDisk(checkout.path),
      source: { repoURL, path, ...(chart ? { helm: { valuesObject: values } } : { kustomize }) },
      application: { instanceName: name, name, namespace, project: 'default', revision: sha },
      tools,
      sandbox,
      kubeVersion,
    });
    return { manifests, milliseconds: performance.now() - startedAt };
  } finally {
    await checkout.release();
  }
}

async function filesBelow(module: string, top: string): Promise<Files> {
  const entries = await readdir(join(module, top), { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const pairs = paths.map(async (path): Promise<[string, Uint8Array]> => {
    return [relative(module, path).replaceAll(sep, '/'), await readFile(path)];
  });
  return Object.fromEntries(await Promise.all(pairs));
}

function report(title: string, { compared, ours, plain }: Outcome): void {
  times.keelson.push(ours);
  times.plain.push(plain);
  for (const { verdict } of compared) totals[verdict]++;
  const equal = compared.filter(({ verdict }) => verdict === 'equal').length;
  console.log(`${title}: ${equal} of ${compared.length} equal; ${ours.toFixed(0)}, ${plain.toFixed(0)}`);
  for (const { object, verdict, paths } of compared) {
    if (verdict !== 'equal') console.log(`  ${verdict}: ${object} ${paths.slice(0, 5).join(' ')}`);
  }
}
