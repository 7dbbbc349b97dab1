import { describe, expect, it } from 'vitest';
import { readApplication } from './read-application.ts';

const guestbook = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'guestbook' },
  spec: {
    source: { repoURL: 'https://git.example.com/apps.git', path: 'guestbook' },
    destination: { server: 'https://kubernetes.default.svc', namespace: 'default' },
  },
};

function withSpec(spec: Record<string, unknown>): unknown {
  return { ...guestbook, spec: { ...guestbook.spec, ...spec } };
}

describe('core/application/spec', () => {
  it('reads a minimal application into the default project', () => {
    const { value } = readApplication(guestbook);
    expect(value?.spec.project).toBe('default');
    expect(value?.spec.source?.path).toBe('guestbook');
  });

  it('keeps fields that it does not know', () => {
    const { value } = readApplication({
      ...(withSpec({ sourceHydrator: { drySource: {} } }) as object),
      extra: 1,
    });
    expect(value).toMatchObject({ extra: 1, spec: { sourceHydrator: { drySource: {} } } });
  });

  it('reads null as absent except inside Helm values, where it removes a default', () => {
    const { value } = readApplication(
      withSpec({
        syncPolicy: { automated: null },
        source: {
          repoURL: 'https://charts.example.com',
          chart: 'web',
          targetRevision: '1.x',
          path: null,
          helm: { valuesObject: { limits: null } },
        },
      }),
    );
    expect(value?.spec.syncPolicy).toBeUndefined();
    expect(value?.spec.source).not.toHaveProperty('path');
    expect(value?.spec.source?.helm?.valuesObject).toEqual({ limits: null });
  });

  it('leaves out blocks that say nothing and keeps an empty automated block', () => {
    const empty = readApplication(
      withSpec({
        project: '',
        source: { ...guestbook.spec.source, directory: { recurse: false }, kustomize: {} },
        syncPolicy: { syncOptions: [] },
      }),
    ).value;
    expect(empty?.spec).not.toHaveProperty('syncPolicy');
    expect(empty?.spec.source).toEqual(guestbook.spec.source);
    expect(empty?.spec.project).toBe('default');
    const automated = readApplication(withSpec({ syncPolicy: { automated: {} } })).value;
    expect(automated?.spec.syncPolicy?.automated).toEqual({});
  });

  it('returns all issues at once, each with its path', () => {
    const { issues } = readApplication(
      withSpec({
        source: { repoURL: '', chart: 'web' },
        destination: {},
        syncPolicy: { retry: { backoff: { duration: 'soon' } }, syncOptions: ['Prune'] },
      }),
    );
    expect(issues?.map((issue) => issue.path)).toEqual([
      'spec.source.repoURL',
      'spec.source.targetRevision',
      'spec.destination',
      'spec.syncPolicy.retry.backoff.duration',
      'spec.syncPolicy.syncOptions[0]',
    ]);
  });

  it.each<[string, unknown, string, RegExp]>([
    ['a value that is no object', 'text', '', /must be a map of fields/],
    ['another kind', { ...guestbook, kind: 'AppProject' }, 'kind', /must be Application/],
    [
      'a missing destination',
      { ...guestbook, spec: { source: guestbook.spec.source } },
      'spec.destination',
      /is missing/,
    ],
    ['a name with capitals', { ...guestbook, metadata: { name: 'Web' } }, 'metadata.name', /lower-case/],
    [
      'a quoted boolean',
      withSpec({ syncPolicy: { automated: { prune: 'true' } } }),
      'spec.syncPolicy.automated.prune',
      /remove the quotes/,
    ],
    [
      'a number for a text',
      withSpec({ source: { ...guestbook.spec.source, targetRevision: 1.2 } }),
      'spec.source.targetRevision',
      /put it in quotes/,
    ],
    ['no source', withSpec({ source: undefined }), 'spec.source', /is missing/],
    [
      'neither path nor chart',
      withSpec({ source: { repoURL: 'https://x' } }),
      'spec.source.path',
      /or chart/,
    ],
    [
      'a path outside the repository',
      withSpec({ source: { repoURL: 'https://x', path: 'a/../..' } }),
      'spec.source.path',
      /leaves the repository/,
    ],
    [
      'two explicit tools',
      withSpec({
        source: { ...guestbook.spec.source, helm: { releaseName: 'a' }, kustomize: { namePrefix: 'b' } },
      }),
      'spec.source',
      /helm, kustomize/,
    ],
    [
      'server and name together',
      withSpec({ destination: { server: 'https://x', name: 'y' } }),
      'spec.destination',
      /both server and name/,
    ],
    [
      'a negative history limit',
      withSpec({ revisionHistoryLimit: -1 }),
      'spec.revisionHistoryLimit',
      /negative/,
    ],
    [
      'a ref that is used twice',
      withSpec({
        sources: [
          { repoURL: 'a', ref: 'v' },
          { repoURL: 'b', ref: 'v' },
        ],
      }),
      'spec.sources[1].ref',
      /another source/,
    ],
    [
      'a ref on a chart',
      withSpec({ sources: [{ repoURL: 'a', ref: 'v', chart: 'c', targetRevision: '1' }] }),
      'spec.sources[0].ref',
      /Helm chart/,
    ],
    [
      'a source of a list without content',
      withSpec({ sources: [{ repoURL: 'a' }] }),
      'spec.sources[0]',
      /none of path/,
    ],
  ])('refuses %s with path and remedy', (_name, input, path, message) => {
    const { issues } = readApplication(input);
    expect(issues).toHaveLength(1);
    expect(issues?.[0]?.path).toBe(path);
    expect(issues?.[0]?.message).toMatch(message);
  });

  it('ignores the single source when the list is not empty', () => {
    const { issues } = readApplication(
      withSpec({ source: { repoURL: '' }, sources: [{ repoURL: 'a', path: '.' }] }),
    );
    expect(issues).toBeUndefined();
  });

  it('drops a status that it cannot read and keeps one that it can', () => {
    expect(readApplication({ ...guestbook, status: { sync: { status: 'Odd' } } }).value).not.toHaveProperty(
      'status',
    );
    const status = { sync: { status: 'Synced' }, health: { status: 'Healthy' } };
    expect(readApplication({ ...guestbook, status }).value?.status).toEqual(status);
  });
});
