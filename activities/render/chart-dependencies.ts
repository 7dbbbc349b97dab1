import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import type { RepositoryAccess } from '../../core/repository/access.ts';
import { type ChartDependency, lockDigest, type Needs, readNeeds } from './chart-file.ts';
import { locate } from './confine.ts';
import { renderFailure } from './failure.ts';
import { fetchAll } from './fetch-all.ts';
import type { RemoteInputs, Rendering } from './request.ts';
import { firstLink, stageFolder } from './stage.ts';

/**
 * Copies a chart and puts what it needs into `charts/`, as `helm dependency build` does: by its lock where there is
 * one that fits, else the newest versions that are admitted. The checkout stays as it is. Returns the copy.
 */
export async function withDependencies(rendering: Rendering): Promise<string> {
  const { remote } = rendering;
  const needs = await readNeeds(rendering.root, rendering.folder);
  if (remote === undefined || needs === undefined) {
    throw renderFailure(
      rendering,
      'the chart needs charts that are not in charts/; run `helm dependency build` and commit charts/',
    );
  }
  const asked = await Promise.all(needs.dependencies.map((one) => resolveAlias(rendering, remote, one)));
  checkLock(rendering, needs, asked);
  const copy = await stageFolder(rendering.root, rendering.folder, join(rendering.scratch, 'tree'));
  const charts = join(copy, 'charts');
  if ((await firstLink(copy, 'charts')) !== undefined) {
    throw renderFailure(rendering, 'charts is a symlink where dependencies go; replace it by a folder');
  }
  await mkdir(charts, { recursive: true });
  const present = await readdir(charts);
  const wanted = (needs.lock?.dependencies ?? asked.map(({ dependency }) => dependency))
    .map((dependency) => ({ dependency, access: accessOf(asked, dependency) }))
    .filter(({ dependency }) => dependency.repository && !present.includes(dependency.name));
  await Promise.all(wanted.map(({ dependency }) => removePacked(charts, present, dependency.name)));
  await fetchAll(wanted, (one) => place(rendering, remote, one, charts));
  return copy;
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
  return { dependency: { ...dependency, repository: access.url.replace(/\/+$/, '') }, access };
}

/** A lock holds addresses, whatever the chart calls them. */
function accessOf(
  asked: readonly Asked[],
  { name, repository }: ChartDependency,
): RepositoryAccess | undefined {
  return asked.find(({ dependency }) => dependency.name === name && dependency.repository === repository)
    ?.access;
}

function checkLock(rendering: Rendering, { lock, old, dependencies }: Needs, asked: readonly Asked[]): void {
  if (lock === undefined || old) return;
  // Helm has written either form, by its version.
  const forms = [asked.map(({ dependency }) => dependency), dependencies];
  if (forms.some((form) => lockDigest(form, lock.dependencies) === lock.digest)) return;
  throw renderFailure(
    rendering,
    'the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml); run `helm dependency update` and commit Chart.lock',
  );
}

/** Another version of the same chart would be rendered besides. */
async function removePacked(charts: string, present: readonly string[], name: string): Promise<void> {
  const packed = present.filter(
    (file) => file.startsWith(`${name}-`) && /^\d[^/]*\.tgz$/.test(file.slice(name.length + 1)),
  );
  await Promise.all(packed.map((file) => rm(join(charts, file))));
}

async function place(
  rendering: Rendering,
  remote: RemoteInputs,
  { dependency, access }: Asked,
  charts: string,
): Promise<void> {
  const { name, repository = '', version } = dependency;
  if (repository?.startsWith('file://') === true) {
    return await placeLocal(rendering, name, repository.slice('file://'.length), charts);
  }
  try {
    const source = {
      access: access ?? (await remote.accessFor(repository ?? '')),
      chart: name,
      signal: rendering.signal,
    };
    const exact = await remote.charts.resolveVersion({ ...source, version: version || '*' });
    const passCredentials = rendering.source.helm?.passCredentials;
    const chart = await remote.charts.fetch({ ...source, version: exact, passCredentials });
    try {
      await cp(chart.path, join(charts, `${name}-${exact}`), { recursive: true, verbatimSymlinks: true });
    } finally {
      await chart.release();
    }
  } catch (cause) {
    if (!(cause instanceof KeelsonError)) throw cause;
    throw renderFailure(rendering, `dependency ${name}: ${cause.message}`, {
      code: cause.code,
      retryable: cause.retryable,
      cause,
    });
  }
}

/** A chart of the same repository, beside the one that needs it. */
async function placeLocal(rendering: Rendering, name: string, path: string, charts: string): Promise<void> {
  const found = path.startsWith('/') ? undefined : await locate(rendering.root, rendering.folder, path);
  if (found?.kind !== 'found') {
    const what = found?.kind === 'missing' ? 'does not exist' : 'leads out of the repository';
    throw renderFailure(
      rendering,
      `dependency ${name}: file://${path} ${what}; use a path inside it, relative to the chart`,
    );
  }
  await cp(found.path, join(charts, `${name}-local`), {
    recursive: true,
    dereference: false,
    verbatimSymlinks: true,
  });
}
