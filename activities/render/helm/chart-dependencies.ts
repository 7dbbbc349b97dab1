import { copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KeelsonError } from '../../../core/errors.ts';
import { formatJson } from '../../../core/object/json/json.ts';
import type { RepositoryAccess } from '../../../core/repository/access.ts';
import { withoutTrailing } from '../../../core/text/trim.ts';
import { renderFailure } from '../failure.ts';
import { firstLink, stageFolder } from '../files/stage.ts';
import type { RemoteInputs, Rendering } from '../request.ts';
import { type ChartDependency, isLockOf, type Needs, readNeeds } from './chart-file.ts';
import { fetchAll } from './fetch-all.ts';
import { packLocalCharts } from './local-charts.ts';

/**
 * Copies a chart and puts what it needs into `charts/`, as `helm dependency build` does: by its lock where there is
 * one that fits, else the newest versions that are admitted, each as the archive that it is published as, or that Helm
 * packs of a folder. The checkout stays as it is. Returns the copy.
 */
export async function withDependencies(rendering: Rendering): Promise<string> {
  const { remote } = rendering;
  if (remote === undefined) {
    throw renderFailure(
      rendering,
      'the chart needs charts that are not in charts/; run `helm dependency build` and commit charts/',
    );
  }
  const needs = await named(rendering, () => readNeeds(rendering.root, rendering.folder));
  const asked = await Promise.all(needs.dependencies.map((one) => resolveAlias(rendering, remote, one)));
  checkLock(rendering, needs, asked);
  const copy = await stageFolder(rendering.root, rendering.folder, join(rendering.scratch, 'tree'));
  const charts = join(copy, 'charts');
  if ((await firstLink(copy, 'charts')) !== undefined) {
    throw renderFailure(rendering, 'charts is a symlink where dependencies go; replace it by a folder');
  }
  await mkdir(charts, { recursive: true });
  const all = needs.lock?.dependencies ?? asked.map(({ dependency }) => dependency);
  const folders = await foldersIn(charts);
  const wanted = all.filter(({ name, repository }) => repository && !folders.has(name));
  await removeOutdated(charts, all);
  const [local, fetched] = [wanted.filter(isLocal), wanted.filter((one) => !isLocal(one))];
  const distinct = new Map(fetched.map((one) => [formatJson([one.name, one.repository, one.version]), one]));
  await fetchAll([...distinct.values()], (dependency) =>
    place(rendering, remote, { dependency, access: accessOf(asked, dependency) }, charts),
  );
  if (local.length > 0) await packLocalCharts(rendering, local, charts);
  return copy;
}

function isLocal({ repository }: ChartDependency): boolean {
  return repository?.startsWith('file://') === true;
}

type Asked = {
  /** With the address that an alias stands for. */
  readonly dependency: ChartDependency;
  /** Of the repository that an alias names. */
  readonly access: RepositoryAccess | undefined;
};

/** `@name` and `alias:name` mean a repository that is registered under that name. */
async function resolveAlias(
  rendering: Rendering,
  remote: RemoteInputs,
  dependency: ChartDependency,
): Promise<Asked> {
  const name = /^(?:@|alias:)(.+)$/.exec(dependency.repository ?? '')?.[1];
  if (name === undefined) return { dependency, access: undefined };
  const access = await remote.accessNamed(name);
  if (access === undefined) {
    throw renderFailure(
      rendering,
      `dependency ${dependency.name}: no Helm repository is registered with the name ${name}; add it, or write its address`,
    );
  }
  return { dependency: { ...dependency, repository: withoutTrailing(access.url, '/') }, access };
}

/** A lock holds addresses, whatever the chart calls them. */
function accessOf(
  asked: readonly Asked[],
  { name, repository }: ChartDependency,
): RepositoryAccess | undefined {
  return asked.find(({ dependency }) => dependency.name === name && dependency.repository === repository)
    ?.access;
}

function checkLock(
  rendering: Rendering,
  { lock, isFirstVersion, dependencies }: Needs,
  asked: readonly Asked[],
): void {
  if (lock === undefined) return;
  // Helm has written either form, by its version.
  const forms = [asked.map(({ dependency }) => dependency), dependencies];
  if (forms.some((form) => isLockOf(lock, form, isFirstVersion))) return;
  const files = isFirstVersion ? ['requirements.lock', 'requirements.yaml'] : ['Chart.lock', 'Chart.yaml'];
  throw renderFailure(
    rendering,
    `the lock file (${files[0]}) is out of sync with the dependencies file (${files[1]}); run \`helm dependency update\` and commit ${files[0]}`,
  );
}

async function foldersIn(charts: string): Promise<ReadonlySet<string>> {
  const names = await readdir(charts);
  const isFolder = await Promise.all(
    names.map((name) =>
      stat(join(charts, name)).then(
        (found) => found.isDirectory(),
        () => false,
      ),
    ),
  );
  return new Set(names.filter((_, position) => isFolder[position]));
}

/** Archives of what is fetched or packed anew, and of what isn't asked for any more, would be rendered besides. */
async function removeOutdated(charts: string, all: readonly ChartDependency[]): Promise<void> {
  const kept = all.filter(({ repository }) => !repository).map(({ name }) => `${name}-`);
  const archives = (await readdir(charts)).filter((file) => file.endsWith('.tgz'));
  const outdated = archives.filter((file) => !kept.some((name) => file.startsWith(name)));
  await Promise.all(outdated.map((file) => rm(join(charts, file), { recursive: true })));
}

async function place(
  rendering: Rendering,
  remote: RemoteInputs,
  { dependency, access }: Asked,
  charts: string,
): Promise<void> {
  const { name, repository = '', version } = dependency;
  await named(
    rendering,
    async () => {
      const source = {
        access: access ?? (await remote.accessFor(repository ?? '')),
        chart: name,
        signal: rendering.signal,
      };
      const exact = await remote.charts.resolveVersion({ ...source, version: version || '*' });
      const passCredentials = rendering.source.helm?.passCredentials;
      const chart = await remote.charts.fetch({ ...source, version: exact, passCredentials });
      try {
        // A slash in a name leads nowhere: the archive says itself which chart it is.
        await copyFile(chart.archive, join(charts, `${name}-${exact}.tgz`.replaceAll('/', '-')));
      } finally {
        await chart.release();
      }
    },
    `dependency ${name}: `,
  );
}

/** Names the source in what went wrong with it. */
async function named<T>(rendering: Rendering, work: () => Promise<T>, where = ''): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof KeelsonError)) throw cause;
    const { code, retryable } = cause;
    throw renderFailure(rendering, `${where}${cause.message}`, { code, retryable, cause });
  }
}
