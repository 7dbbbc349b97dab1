import type { KustomizeSource } from '../../../core/application/source/source-spec.ts';
import { renderFailure } from '../failure.ts';
import { plainVersion } from '../helm/helm.ts';
import type { Rendering } from '../request.ts';

/** Which Kustomize builds a source, and with which flags. */
export type KustomizeProgram = {
  readonly path: string;
  readonly flags: readonly string[];
  /** Whether charts inside kustomizations are rendered. */
  readonly rendersCharts: boolean;
};

/** The version that a source asks for, with the build options of the installation for it. */
export function kustomizeProgram(rendering: Rendering, options: KustomizeSource): KustomizeProgram {
  const { kustomizeBuildOptions, kustomizeVersions } = rendering.settings;
  const wanted = options.version;
  const chosen = kustomizeVersions.find(({ name }) => name === wanted);
  if (wanted && chosen === undefined) {
    const known = kustomizeVersions.map(({ name }) => name).join(', ') || 'none';
    throw renderFailure(
      rendering,
      `kustomize version ${wanted} is not registered; set kustomize.path.${wanted} in argocd-cm, or ask for one that is (${known})`,
    );
  }
  const written = (chosen?.buildOptions ?? kustomizeBuildOptions).split(/\s+/).filter((flag) => flag !== '');
  const rendersCharts = written.some((flag) => /^--enable-helm(=true)?$/.test(flag));
  const more = rendersCharts ? helmFlags(rendering, options, written, wanted) : [];
  return { path: chosen?.path ?? rendering.tools.kustomize, flags: [...written, ...more], rendersCharts };
}

function helmFlags(
  rendering: Rendering,
  options: KustomizeSource,
  written: readonly string[],
  version: string | undefined,
): string[] {
  const isNamed = written.some((flag) => flag.startsWith('--helm-command'));
  const command = isNamed ? [] : ['--helm-command', rendering.tools.helm];
  if (isBefore53(version)) return command;
  const kubeVersion = plainVersion(options.kubeVersion ?? rendering.kubeVersion ?? '');
  const apiVersions = options.apiVersions ?? rendering.apiVersions ?? [];
  return [
    ...command,
    ...(kubeVersion === '' ? [] : ['--helm-kube-version', kubeVersion]),
    ...apiVersions.flatMap((one) => ['--helm-api-versions', one]),
  ];
}

/** Older ones don't know the flags of the cluster's versions; a version's name says which it is. */
function isBefore53(name: string | undefined): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(name ?? '') ?? [];
  if (major === undefined) return false;
  return Number(major) < 5 || (Number(major) === 5 && Number(minor) < 3);
}
