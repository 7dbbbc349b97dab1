import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RenderTools } from '../../activities/render/render.ts';
import { KeelsonError } from '../../core/errors.ts';
import { isFields, isManifest } from '../../core/object/manifest/check-manifest.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { run } from '../../platform/exec.ts';
import type { ParityCase } from './cases.ts';

/** What a release is called, where it goes, and for which version of Kubernetes. */
export type Release = {
  readonly name: string;
  readonly namespace: string;
  readonly kubeVersion: string;
  /** What the cluster serves; Helm's own list when absent. */
  readonly apiVersions?: readonly string[];
};

/** What both sides are told. */
export const release: Release = { name: 'demo', namespace: 'target', kubeVersion: '1.34.0' };

/** What the plain tool makes of a folder, and how long that takes without reading its output. */
export type Plain = { readonly manifests: readonly Manifest[]; readonly milliseconds: number };

/** Runs `helm template` or `kustomize build` as a person would, in the folder itself, without a sandbox. */
export async function renderPlain(
  tools: RenderTools,
  top: string,
  wanted: ParityCase,
  scratch: string,
  told: Release = release,
): Promise<Plain> {
  const tree = wanted.edits === undefined ? top : await editedCopy(tools, top, wanted, scratch);
  const folder = join(tree, wanted.path);
  const [program, args] = wanted.chart
    ? [tools.helm, await helmArguments(wanted, scratch, told)]
    : [tools.kustomize, ['build', '.', ...kustomizeFlags(tools, told)]];
  const startedAt = performance.now();
  const output = await runPlain(program, args, folder, scratch);
  const milliseconds = performance.now() - startedAt;
  return { manifests: await readPlain(tools, output, scratch), milliseconds };
}

/** Charts inside kustomizations are told the same version of the cluster as others. */
function kustomizeFlags({ helm }: RenderTools, { kubeVersion }: Release): string[] {
  return ['--enable-helm', '--helm-command', helm, '--helm-kube-version', kubeVersion];
}

async function helmArguments(
  wanted: ParityCase,
  scratch: string,
  { name, namespace, kubeVersion, apiVersions = [] }: Release,
): Promise<string[]> {
  const args = [
    'template',
    name,
    '.',
    '--namespace',
    namespace,
    '--kube-version',
    kubeVersion,
    '--include-crds',
    ...apiVersions.flatMap((version) => ['--api-versions', version]),
  ];
  if (wanted.values === undefined) return args;
  const file = join(scratch, 'values.json');
  await writeFile(file, JSON.stringify(wanted.values));
  return [...args, '--values', file];
}

/** The options of a source are what `kustomize edit` does to the files. */
async function editedCopy(
  tools: RenderTools,
  top: string,
  wanted: ParityCase,
  scratch: string,
): Promise<string> {
  const copy = join(scratch, 'edited');
  await cp(top, copy, { recursive: true });
  // Module caches are read-only.
  await runPlain('/bin/chmod', ['-R', 'u+w', copy], scratch, scratch);
  for (const edit of wanted.edits ?? []) {
    await runPlain(tools.kustomize, ['edit', ...edit], join(copy, wanted.path), scratch);
  }
  return copy;
}

async function runPlain(
  program: string,
  args: readonly string[],
  cwd: string,
  scratch: string,
): Promise<string> {
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: scratch,
    HELM_CACHE_HOME: join(scratch, 'helm'),
    HELM_CONFIG_HOME: join(scratch, 'helm'),
    HELM_DATA_HOME: join(scratch, 'helm'),
  };
  const { stdout } = await run(program, args, { cwd, env, timeoutSeconds: 90, maxOutputBytes: 1 << 26 });
  return stdout;
}

/** Reads YAML without Keelson's own reader: Jsonnet's has the rules of Kubernetes. */
async function readPlain(tools: RenderTools, yaml: string, scratch: string): Promise<Manifest[]> {
  const file = join(scratch, 'plain.yaml');
  // With a mark in front, a single document is a stream as well.
  await writeFile(file, `---\n${yaml}`);
  const program = `std.parseYaml(importstr ${JSON.stringify(file)})`;
  const read: unknown = JSON.parse(await runPlain(tools.jsonnet, ['-e', program], scratch, scratch));
  return (Array.isArray(read) ? read : [read]).flatMap(objectsIn);
}

function objectsIn(value: unknown): Manifest[] {
  if (value === null) return [];
  if (isFields(value) && Array.isArray(value['items']) && String(value['kind']).endsWith('List')) {
    return value['items'].flatMap(objectsIn);
  }
  if (isManifest(value)) return [value];
  throw new KeelsonError(
    'internal',
    'the plain tool printed a document that is no object; look at its output',
  );
}
