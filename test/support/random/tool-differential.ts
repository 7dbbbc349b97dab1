import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { filesOnDisk } from '../../../activities/render/files/source-files.ts';
import { type RenderTools, renderSource } from '../../../activities/render/render.ts';
import { mapBounded } from '../../../core/bounded.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { canonicalJson } from '../../../core/object/json/canonical.ts';
import { readManifests } from '../../../core/object/manifest/read-manifests.ts';
import { createSandbox } from '../../../platform/sandbox/sandbox.ts';
import { writeTree } from '../render/render-files.ts';
import { type DifferentialCase, randomHelmCases } from './random-helm.ts';
import { randomKustomizeCases } from './random-kustomize.ts';

const run = promisify(execFile);
/** Hundreds of renders of our own files: what the sandbox costs would be most of the time. */
const sandbox = createSandbox({ isolation: 'off' });
const atOnce = 4;
const home = { PATH: '/usr/bin:/bin', HOME: '/nonexistent', HELM_CACHE_HOME: '/nonexistent' };

/** What one side made of a case: its objects, in an order of their own, or nothing but a failure. */
type Outcome = { readonly objects: readonly string[] } | { readonly failure: string };

/** A case on which both sides differ, with what each made of it. */
export type Difference = { readonly case: DifferentialCase; readonly ours: Outcome; readonly plain: Outcome };

/** How many cases were rendered by both, and those that differ. */
export type DifferentialResult = {
  readonly rendered: number;
  readonly failed: number;
  readonly differences: readonly Difference[];
};

/** Renders random sources with random options both as an application and with the plain tools. */
export async function compareWithTools(
  tools: RenderTools,
  seed: number,
  count: number,
): Promise<DifferentialResult> {
  const half = Math.ceil(count / 2);
  const cases = [...randomKustomizeCases(seed, half), ...randomHelmCases(seed, count - half)];
  const outcomes = await mapBounded(cases, atOnce, async (one) => {
    const root = await writeTree(one.files);
    try {
      // In this order: the plain tools edit the files.
      const ours = await oursOf(tools, root, one);
      return { case: one, ours, plain: await plainOf(tools, root, one) };
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
  const failed = outcomes.filter(({ ours, plain }) => 'failure' in ours && 'failure' in plain).length;
  const differences = outcomes.filter(({ ours, plain }) => !isSame(ours, plain));
  return { rendered: outcomes.length - failed - differences.length, failed, differences };
}

function isSame(ours: Outcome, plain: Outcome): boolean {
  if ('failure' in ours || 'failure' in plain) return 'failure' in ours && 'failure' in plain;
  return ours.objects.join('\n') === plain.objects.join('\n');
}

async function oursOf(tools: RenderTools, root: string, { source }: DifferentialCase): Promise<Outcome> {
  try {
    const { manifests } = await renderSource({
      files: filesOnDisk(root),
      source: { path: 'app', ...source, repoURL: 'https://git.example.com/random.git' },
      application: {
        instanceName: 'demo',
        name: 'demo',
        namespace: 'target',
        project: 'p',
        revision: 'c0ffee',
      },
      tools,
      sandbox,
    });
    return { objects: manifests.map((one) => canonicalJson(one)).sort() };
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.code === 'internal') throw error;
    return { failure: error.message };
  }
}

async function plainOf(tools: RenderTools, root: string, { plain }: DifferentialCase): Promise<Outcome> {
  try {
    let output = '';
    for (const { tool, args } of plain) {
      const options = { cwd: join(root, 'app'), env: home, maxBuffer: 1 << 24 };
      output = (await run(tools[tool], [...args], options)).stdout;
    }
    const { manifests, issues } = readManifests(output, 'plain output');
    if (issues.length > 0) return { failure: issues.map(({ message }) => message).join() };
    return { objects: manifests.map((one) => canonicalJson(one)).sort() };
  } catch (error) {
    if (!(error instanceof Error && 'stderr' in error)) throw error;
    return { failure: String(error.stderr) };
  }
}

/** A difference as a failing test shows it. */
export function shownDifference({ case: { files, source, plain }, ours, plain: other }: Difference): string {
  return JSON.stringify({ files, source, plain, ours, other }, undefined, 1);
}
