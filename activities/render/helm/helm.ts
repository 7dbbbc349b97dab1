import { KeelsonError } from '../../../core/errors.ts';
import type { ManifestIssue } from '../../../core/object/manifest/read-manifests.ts';
import { readPrintedManifests } from '../../../core/object/manifest/read-manifests.ts';
import { doubtWarning } from '../../../core/render-trust.ts';
import { RunError } from '../../../platform/exec.ts';
import { manifestFailure, type Remedy, withoutMachinePaths } from '../failure.ts';
import { checkRefs } from '../files/refs.ts';
import type { Rendered, Rendering } from '../request.ts';
import { runTool } from '../tool.ts';
import { withDependencies } from './chart-dependencies.ts';
import { helmHomes } from './helm-homes.ts';
import { parameterArguments, valuesArguments } from './helm-values.ts';

const missingDependencies = /found in (Chart|requirements)\.yaml, but missing in charts/i;

const remedies: readonly Remedy[] = [
  {
    pattern: missingDependencies,
    remedy: 'run `helm dependency build` and commit charts/',
  },
  {
    pattern: /release name|invalid name/i,
    remedy: 'set helm.releaseName to at most 53 lower-case characters',
  },
  {
    pattern: /values don't meet the specifications|schema/i,
    remedy: "correct the values to fit the chart's schema",
  },
  {
    pattern: /parse error on|parse error at|template:/i,
    remedy: 'correct the named template or its values and push',
  },
];

/** Renders a chart with `helm template`; nothing is asked of a cluster. */
export async function renderHelm(rendering: Rendering): Promise<Rendered> {
  checkRefs(rendering);
  const args = await helmArguments(rendering);
  const template = (folder: string) =>
    runTool(rendering, {
      name: 'helm template',
      path: rendering.tools.helm,
      args,
      cwd: folder,
      variables: helmHomes(rendering.scratch),
      remedies,
    });
  const { stdout, stderr } = await template(rendering.folder).catch(async (cause: unknown) => {
    // What a chart needs is fetched only when Helm says that it isn't there, and once.
    if (!lacksDependencies(cause) || rendering.remote === undefined) throw cause;
    return await template(await withDependencies(rendering));
  });
  const { manifests, issues, doubts } = readPrintedManifests(stdout, 'output of helm template');
  if (issues.length > 0) throw manifestFailure(rendering, withTemplateNames(issues, stdout));
  const untold = withTemplateNames(doubts, stdout).map(doubtWarning);
  return { manifests, warnings: [...untold, ...warningsOf(withoutMachinePaths(rendering, stderr))] };
}

function lacksDependencies(cause: unknown): boolean {
  const run = cause instanceof KeelsonError ? cause.cause : undefined;
  return run instanceof RunError && missingDependencies.test(run.stderr);
}

async function helmArguments(rendering: Rendering): Promise<string[]> {
  const helm = rendering.source.helm ?? {};
  const namespace =
    helm.namespace || rendering.source.kustomize?.namespace || rendering.application.namespace;
  const kubeVersion = plainVersion(helm.kubeVersion ?? rendering.kubeVersion ?? '');
  const apiVersions = helm.apiVersions ?? rendering.apiVersions ?? [];
  return [
    'template',
    '.',
    `--name-template=${helm.releaseName || rendering.application.name}`,
    `--namespace=${namespace}`,
    ...(kubeVersion === '' ? [] : [`--kube-version=${kubeVersion}`]),
    ...(await parameterArguments(rendering, helm)),
    ...(await valuesArguments(rendering, helm)),
    ...apiVersions.flatMap((version) => ['--api-versions', version]),
    ...(helm.skipCrds === true ? [] : ['--include-crds']),
    ...(helm.skipSchemaValidation === true ? ['--skip-schema-validation'] : []),
    ...(helm.skipTests === true ? ['--skip-tests'] : []),
  ];
}

/** `v1.31.2+k3s1` is 1.31.2 for charts: what a distribution adds would count as a prerelease in their comparisons. */
export function plainVersion(version: string): string {
  return /^v?(\d+(?:\.\d+){0,2})/.exec(version)?.[1] ?? '';
}

/** Helm writes the template's name before each object, which says more than a line of its output. */
function withTemplateNames<Found extends ManifestIssue>(issues: readonly Found[], output: string): Found[] {
  const lines = output.split('\n');
  return issues.map((issue) => {
    const before = lines.slice(0, issue.line).reverse();
    const mark = before.find((line) => line.startsWith('# Source: '));
    return mark === undefined ? issue : { ...issue, path: mark.slice('# Source: '.length) };
  });
}

/** Helm repeats the value that a warning is about, in brackets; it may be a secret. */
function warningsOf(stderr: string): string[] {
  return stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /warning/i.test(line))
    .map(withoutBrackets);
}

function withoutBrackets(line: string): string {
  const [start, end] = [line.indexOf('('), line.lastIndexOf(')')];
  return start === -1 || end < start ? line : `${line.slice(0, start)}(...)${line.slice(end + 1)}`;
}
