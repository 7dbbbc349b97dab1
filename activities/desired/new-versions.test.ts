import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { ApplicationSource } from '../../core/application/source/source-spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { accessTo } from '../../core/repository/access.ts';
import type { Follower } from '../../db/queries/repository/due.ts';
import { createGit } from '../git/git.ts';
import { type Charts, createCharts } from '../helm/charts.ts';
import { createOciArtifacts, type OciArtifacts } from '../oci/artifacts.ts';
import { createHttp } from '../remote/http.ts';
import { newVersions } from './new-versions.ts';

const charts = 'https://charts.test';
const artifact = 'oci://registry.test/team/app';
const [older, newer] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];

/** A server that has 1.3.0 of each chart, and a log of what it was asked. */
function server(failure?: KeelsonError) {
  const asked: string[] = [];
  const answer = async (question: string, value: string): Promise<string> => {
    asked.push(question);
    if (failure !== undefined) throw failure;
    return value;
  };
  const [http, cacheDir] = [createHttp([]), tmpdir()];
  const charts: Charts = {
    ...createCharts({ http, cacheDir, indexSeconds: 1 }),
    resolveVersion: ({ chart, version, fresh }) =>
      answer(`${chart} ${version}${fresh ? ' fresh' : ''}`, '1.3.0'),
  };
  const artifacts: OciArtifacts = {
    ...createOciArtifacts({ http, cacheDir }),
    resolveDigest: ({ revision }) => answer(revision, newer),
  };
  return { asked, deps: { git: createGit({ cacheDir }), charts, artifacts } };
}

function follower(
  id: string,
  source: ApplicationSource,
  desiredRevision: string,
  isCurrent = true,
): Follower {
  const inputs = { sources: [null], usesRevision: false, cluster: false, fetches: false };
  return {
    id,
    spec: { project: 'default', destination: {}, source },
    annotations: {},
    desiredRenderId: id,
    desiredRevision,
    isCurrent,
    inputs,
    hasExpired: false,
    project: null,
  };
}

const chart = (targetRevision: string, name = 'web'): ApplicationSource => ({
  repoURL: charts,
  chart: name,
  targetRevision,
});
const { signal } = new AbortController();
const look = (url: string, { deps }: ReturnType<typeof server>, followers: readonly Follower[]) =>
  newVersions(deps, { urls: [url], access: accessTo(url), signal }, followers);

describe('activities/new-versions', () => {
  it('raises what a constraint moves, and asks the server once for each chart', async () => {
    const one = server();
    const found = await look(charts, one, [
      follower('behind', chart('1.x'), '1.2.0'),
      follower('also', chart('1.x'), '1.2.0'),
      follower('there', chart('*'), '1.3.0'),
      follower('pinned', chart('1.2.0'), '1.2.0'),
      follower('failed', chart('1.2.0'), '1.2.0', false),
      follower('elsewhere', { repoURL: 'https://else.test', chart: 'web', targetRevision: '*' }, '1.0.0'),
      follower('git', { repoURL: charts, path: '.', targetRevision: 'main' }, 'abc'),
    ]);
    expect(found).toEqual({ raised: ['behind', 'also', 'failed'], asked: true, failure: undefined });
    expect(one.asked).toEqual(['web 1.x fresh', 'web *']);
  });

  it('raises what a tag moves, and asks nothing about a digest', async () => {
    const one = server();
    const at = (targetRevision: string): ApplicationSource => ({
      repoURL: artifact,
      path: '.',
      targetRevision,
    });
    const found = await look(artifact, one, [
      follower('behind', at('latest'), older),
      follower('there', at('latest'), newer),
      follower('pinned', at(older), older),
    ]);
    expect(found.raised).toEqual(['behind']);
    expect(one.asked).toEqual(['latest']);
    const pinned = await look(artifact, one, [follower('pinned', at(older), older)]);
    expect(pinned).toEqual({ raised: [], asked: false, failure: undefined });
  });

  it('raises nothing while the server is away, and what names nothing any more', async () => {
    const followers = [follower('one', chart('1.x'), '1.2.0')];
    const away = new KeelsonError('source-unreachable', 'away');
    expect(await look(charts, server(away), followers)).toEqual({ raised: [], asked: true, failure: away });
    const gone = new KeelsonError('revision-not-found', 'gone');
    expect(await look(charts, server(gone), followers)).toMatchObject({
      raised: ['one'],
      failure: undefined,
    });
  });
});
