import { KeelsonError } from '../../core/errors.ts';
import type { RepositoryAccess } from '../../core/repository/access.ts';
import { highestMatch, isConstraint } from '../../core/text/semver.ts';
import { shownUrl, sourceFailure } from '../remote/failure.ts';

/** A chart of a Helm repository or an OCI registry. */
export type ChartSource = {
  readonly access: RepositoryAccess;
  readonly chart: string;
  readonly signal?: AbortSignal | undefined;
};

/** What to fetch, and how. */
export type ChartRequest = ChartSource & {
  /** An exact version, as resolved. */
  readonly version: string;
  /** Gives the repository's credentials to whatever host its index names (`helm.passCredentials`). */
  readonly passCredentials?: boolean | undefined;
  /** Fetches it anew even if it is here: for a version that was published twice. */
  readonly fresh?: boolean | undefined;
};

/** The listed version that is meant: the very text, or the highest that it admits. */
export function namedVersion(wanted: string, versions: readonly string[]): string | undefined {
  if (versions.includes(wanted)) return wanted;
  return highestMatch(isConstraint(wanted) ? wanted : `=${wanted}`, versions);
}

/** The failure of a chart that no index lists. */
export function chartMissing({ access, chart }: ChartSource): KeelsonError {
  return new KeelsonError(
    'revision-not-found',
    `repository ${shownUrl(access.url)}: chart ${chart} is not in its index; correct the name of the chart`,
  );
}

/** The failure of a version that is not published; `count` says among how many it was looked for. */
export function versionMissing(
  { access, chart }: ChartSource,
  wanted: string,
  count: number | undefined,
): KeelsonError {
  const where =
    count === undefined ? 'there is no such tag' : `version matching constraint not found in ${count} tags`;
  return new KeelsonError(
    'revision-not-found',
    `repository ${shownUrl(access.url)}: chart ${chart} ${wanted}: ${where}; correct targetRevision or publish the version`,
  );
}

/** The failure of text that cannot name a version. */
export function noVersion({ access, chart }: ChartSource, wanted: string): KeelsonError {
  const shown = wanted === '' ? 'an empty targetRevision' : `'${wanted}'`;
  return new KeelsonError(
    'invalid-argument',
    `repository ${shownUrl(access.url)}: chart ${chart}: ${shown} is neither a version nor a constraint; write 1.2.3, 1.x or >=1 <2`,
  );
}

/** The failure of an archive that holds something else. */
export function notAChart(request: ChartRequest): KeelsonError {
  return sourceFailure(
    request.access,
    `what it has as chart ${request.chart} ${request.version} is no chart: no Chart.yaml in one folder; pack it with helm package`,
  );
}
