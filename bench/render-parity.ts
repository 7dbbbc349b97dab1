/**
 * Renders public charts and kustomizations, and our own that were made for their features, as an application would be,
 * and compares each object with what plain `helm template` and `kustomize build` print.
 * Run: node bench/render-parity.ts [--from DIR]... [--modules DIR] [--only TEXT]
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createGit } from '../activities/git/git.ts';
import { filesOnDisk } from '../activities/render/files/source-files.ts';
import { type RenderTools, renderSource } from '../activities/render/render.ts';
import { KeelsonError } from '../core/errors.ts';
import type { Manifest } from '../core/object/manifest/manifest.ts';
import { accessTo } from '../core/repository/access.ts';
import { defaultToolSettings } from '../core/settings/words/tool-settings.ts';
import { obtainFor } from '../local/obtain/tools.ts';
import { createReporter } from '../local/reporter.ts';
import { createSandbox } from '../platform/sandbox/sandbox.ts';
import { renderTools } from '../test/support/render/render-tools.ts';
import { type GitServer, startGitServer } from '../test/support/servers/git-server.ts';
import { modules, type ParityCase } from './render-parity/cases.ts';
import { type Compared, compareObjects, type Verdict } from './render-parity/compare.ts';
import { filesBelow, sourcesIn } from './render-parity/folders.ts';
import { obtain } from './render-parity/obtain.ts';
import { release, renderPlain } from './render-parity/plain.ts';
import { quantileTable } from './support/figures.ts';

const { values: options } = parseArgs({
  options: {
    /** Folders whose charts and kustomizations are compared instead of the listed ones: checkouts, for example. */
    from: { type: 'string', multiple: true, default: [] },
    modules: { type: 'string' },
    only: { type: 'string' },
  },
});
await obtainFor('render', { reporter: createReporter() });
const sandbox = createSandbox({
  isolation: 'preferred',
  onUnavailable: (reason) => console.log(`without the sandbox: ${reason}`),
});
const dir = await mkdtemp(join(tmpdir(), 'keelson-parity-'));
const git = createGit({ cacheDir: join(dir, 'git') });
/** Charts and kustomizations of our own, chosen for their features. */
const own = join(import.meta.dirname, 'render-parity', 'own');
const totals: Record<Verdict, number> = { equal: 0, random: 0, different: 0, missing: 0, surplus: 0 };
const times: { keelson: number[]; plain: number[] } = { keelson: [], plain: [] };
let failed = 0;
let refused = 0;
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
console.log(
  `${times.keelson.length} sources: ${counts.join(', ')}; ${refused} refused by both, ${failed} by one alone`,
);
const { different, missing, surplus } = totals;
if (different + missing + surplus + failed > 0) process.exitCode = 1;
if (times.keelson.length + refused === 0)
  throw new KeelsonError('not-found', 'no source was rendered; correct --only');

async function runAll(at: GitServer, tools: RenderTools): Promise<void> {
  console.log(
    `${new Date().toISOString()}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}; milliseconds: Keelson, plain`,
  );
  if (options.from.length > 0) {
    for (const folder of options.from) await runFolder(at, tools, resolve(folder));
    return;
  }
  await runCases(at, tools, 'own', own, await sourcesIn(own));
  for (const module of modules) {
    const wanted = module.cases.filter((one) => titleOf(module.name, one).includes(options.only ?? ''));
    if (wanted.length === 0) continue;
    await runCases(at, tools, module.name, await obtain(module, options.modules), wanted);
  }
}

/** All that a folder holds, with a line for the table of such folders. */
async function runFolder(at: GitServer, tools: RenderTools, folder: string): Promise<void> {
  const before = { ...totals, failed, refused, rendered: times.keelson.length };
  const sources = await sourcesIn(folder);
  await runCases(at, tools, basename(folder), folder, sources);
  const gained = (verdict: Verdict): number => totals[verdict] - before[verdict];
  const wrong = gained('different') + gained('missing') + gained('surplus');
  const cells = [
    basename(folder),
    sources.length,
    times.keelson.length - before.rendered,
    refused - before.refused,
    gained('equal'),
    gained('random'),
    wrong,
    failed - before.failed,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

async function runCases(
  at: GitServer,
  tools: RenderTools,
  name: string,
  folder: string,
  cases: readonly ParityCase[],
): Promise<void> {
  for (const one of cases) {
    const title = titleOf(name, one);
    if (!title.includes(options.only ?? '')) continue;
    try {
      const outcome = await compareCase(at, tools, folder, one);
      if (outcome === undefined) refused++;
      else report(title, outcome);
    } catch (error) {
      if (!(error instanceof KeelsonError)) throw error;
      // One source that can't be rendered must not hide the others; it counts, and the command fails.
      failed++;
      console.log(`FAILED ${title}: ${error.message}`);
    }
  }
}

function titleOf(module: string, { path, variant }: ParityCase): string {
  return `${module}/${path}${variant === undefined ? '' : ` (${variant})`}`;
}

type Outcome = { readonly compared: readonly Compared[]; readonly ours: number; readonly plain: number };

/** Renders on both sides; undefined where both refuse. */
async function compareCase(
  at: GitServer,
  tools: RenderTools,
  module: string,
  wanted: ParityCase,
): Promise<Outcome | undefined> {
  const scratch = await mkdtemp(join(dir, 'plain-'));
  // Paths inside a source of a module lead at most to its top folder; in a checkout they may lead anywhere.
  const isCheckout = options.from.length > 0;
  const [topName = ''] = isCheckout ? [''] : wanted.path.split('/');
  const path = isCheckout ? wanted.path : wanted.path.split('/').slice(1).join('/') || '.';
  const plainly = (folder: string) => renderPlain(tools, join(module, topName), { ...wanted, path }, folder);
  const [plain, ours] = await Promise.allSettled([
    plainly(scratch),
    isCheckout ? renderFolder(tools, module, wanted) : renderCommitted(at, tools, module, topName, wanted),
  ]);
  if (plain.status === 'rejected' && ours.status === 'rejected') {
    for (const { reason } of [plain, ours]) if (!(reason instanceof KeelsonError)) throw reason;
    return undefined;
  }
  if (plain.status === 'rejected') throw plain.reason;
  if (ours.status === 'rejected') throw ours.reason;
  const result = { ours: ours.value.milliseconds, plain: plain.value.milliseconds };
  const compared = compareObjects(ours.value.manifests, plain.value.manifests);
  if (compared.every(({ verdict }) => verdict === 'equal')) return { ...result, compared };
  const second = join(scratch, 'again');
  await mkdir(second);
  const again = await plainly(second);
  return {
    ...result,
    compared: compareObjects(ours.value.manifests, plain.value.manifests, again.manifests),
  };
}

type Rendered = { readonly manifests: readonly Manifest[]; readonly milliseconds: number };

/** From a commit, as for an application. */
async function renderCommitted(
  at: GitServer,
  tools: RenderTools,
  module: string,
  topName: string,
  wanted: ParityCase,
): Promise<Rendered> {
  const files = await filesBelow(module, topName);
  const { url } = await at.createRepository(`source-${times.keelson.length + failed + refused}`, files);
  const access = accessTo(url);
  const { sha } = await git.resolveRevision({ access });
  const checkout = await git.checkout({ access, sha });
  try {
    return await renderFolder(tools, checkout.path, wanted);
  } finally {
    await checkout.release();
  }
}

/** From files on disk, in the sandbox, with nothing that could be fetched. */
async function renderFolder(
  tools: RenderTools,
  root: string,
  { path, chart, values, kustomize }: ParityCase,
): Promise<Rendered> {
  const { name, namespace, kubeVersion } = release;
  const startedAt = performance.now();
  const { manifests } = await renderSource({
    files: filesOnDisk(root),
    source: {
      repoURL: 'https://git.example.com/parity.git',
      path,
      ...(chart ? { helm: { valuesObject: values } } : { kustomize: kustomize ?? {} }),
    },
    application: { instanceName: name, name, namespace, project: 'default', revision: 'c0ffee' },
    tools,
    sandbox,
    settings: { ...defaultToolSettings, kustomizeBuildOptions: '--enable-helm' },
    kubeVersion,
  });
  return { manifests, milliseconds: performance.now() - startedAt };
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
