import { describe, expect, it } from 'vitest';
import { buildApplication, type FlagValues } from './application-flags.ts';

const least: FlagValues = {
  repo: 'https://git.example.com/apps.git',
  path: 'guestbook',
  'dest-server': 'https://kubernetes.default.svc',
};

function specOf(values: FlagValues) {
  return buildApplication({ name: 'guestbook' }, { ...least, ...values }).spec;
}

describe('cli/application-flags', () => {
  it('builds an application from the fewest flags', () => {
    expect(buildApplication({ name: 'guestbook' }, least)).toEqual({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'guestbook' },
      spec: {
        project: 'default',
        source: { repoURL: 'https://git.example.com/apps.git', path: 'guestbook' },
        destination: { server: 'https://kubernetes.default.svc' },
      },
    });
  });

  it('turns policy flags into a sync policy', () => {
    const spec = specOf({
      'sync-policy': 'automated',
      'auto-prune': true,
      'self-heal': true,
      'sync-option': ['CreateNamespace=true', 'Prune=false', '!Prune=false'],
      'sync-retry-limit': '3',
      'sync-retry-backoff-duration': '10s',
      'sync-retry-backoff-factor': '3',
    });
    expect(spec.syncPolicy).toEqual({
      automated: { prune: true, selfHeal: true },
      syncOptions: ['CreateNamespace=true'],
      retry: { limit: 3, backoff: { duration: '10s', factor: 3 } },
    });
  });

  it('turns Helm flags into a Helm block, the last value of a parameter winning', () => {
    const spec = specOf({
      values: ['values.yaml', 'prod.yaml'],
      parameter: ['image.tag=1', 'url=a=b'],
      'helm-set': ['image.tag=2'],
      'helm-set-string': ['port=80'],
      'helm-set-file': ['script=run.sh'],
      'release-name': 'web',
      'helm-skip-crds': true,
      'values-literal': 'a: 1\n',
    });
    expect(spec.source?.helm).toEqual({
      valueFiles: ['values.yaml', 'prod.yaml'],
      parameters: [
        { name: 'url', value: 'a=b' },
        { name: 'image.tag', value: '2' },
        { name: 'port', value: '80', forceString: true },
      ],
      fileParameters: [{ name: 'script', path: 'run.sh' }],
      releaseName: 'web',
      skipCrds: true,
      values: 'a: 1\n',
    });
  });

  it('turns Kustomize flags into a Kustomize block', () => {
    const spec = specOf({
      'kustomize-image': ['nginx:1.27'],
      nameprefix: 'a-',
      namesuffix: '-b',
      'kustomize-replica': ['web=3'],
      'kustomize-common-label': ['team=x'],
    });
    expect(spec.source?.kustomize).toEqual({
      images: ['nginx:1.27'],
      namePrefix: 'a-',
      nameSuffix: '-b',
      replicas: [{ name: 'web', count: 3 }],
      commonLabels: { team: 'x' },
    });
  });

  it('turns directory and Jsonnet flags into a directory block', () => {
    const spec = specOf({
      'directory-recurse': true,
      'directory-exclude': '*.md',
      'jsonnet-tla-str': ['a=1'],
      'jsonnet-tla-code': ['b=[]'],
      'jsonnet-ext-var-str': ['c=x'],
    });
    expect(spec.source?.directory).toEqual({
      recurse: true,
      exclude: '*.md',
      jsonnet: {
        tlas: [
          { name: 'a', value: '1' },
          { name: 'b', value: '[]', code: true },
        ],
        extVars: [{ name: 'c', value: 'x' }],
      },
    });
  });

  it('sets labels, annotations, finalizer and namespace of the object itself', () => {
    const { metadata } = buildApplication(
      { name: 'guestbook' },
      {
        ...least,
        label: ['a=1', 'b=2'],
        annotations: ['c=d'],
        'set-finalizer': true,
        'app-namespace': 'team-a',
      },
    );
    expect(metadata).toEqual({
      name: 'guestbook',
      namespace: 'team-a',
      labels: { a: '1', b: '2' },
      annotations: { c: 'd' },
      finalizers: ['resources-finalizer.argocd.argoproj.io'],
    });
  });

  it('takes the namespace with the name, and once', () => {
    const named = buildApplication({ name: 'team-a/guestbook' }, least);
    expect(named.metadata).toEqual({ name: 'guestbook', namespace: 'team-a' });
    const file = { metadata: { name: 'guestbook', namespace: 'team-a' } };
    expect(buildApplication({ name: 'team-a/guestbook', file }, least).metadata).toEqual(named.metadata);
    const other = { ...file, metadata: { ...file.metadata, namespace: 'team-b' } };
    expect(() => buildApplication({ name: 'team-a/guestbook', file: other }, least)).toThrow(
      'application namespace "team-a" is not the file\'s metadata.namespace "team-b"; leave one of them out',
    );
  });

  it('lets flags win over a file and keeps what they do not name', () => {
    const file = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'guestbook', labels: { a: '1' } },
      spec: {
        project: 'prod',
        source: { repoURL: 'https://git.example.com/a.git', path: 'x', targetRevision: 'main' },
        destination: { name: 'in-cluster', namespace: 'demo' },
        syncPolicy: { automated: {} },
      },
    };
    const built = buildApplication(
      { name: undefined, file },
      { revision: 'v2', label: ['b=2'], 'sync-policy': 'none' },
    );
    expect(built.metadata.labels).toEqual({ a: '1', b: '2' });
    expect(built.spec).toEqual({
      project: 'prod',
      source: { repoURL: 'https://git.example.com/a.git', path: 'x', targetRevision: 'v2' },
      destination: { name: 'in-cluster', namespace: 'demo' },
    });
  });

  const refused: Record<string, [FlagValues, string]> = {
    'a missing repository': [{ repo: '' }, 'spec.source.repoURL'],
    'two ways to name the cluster': [{ 'dest-name': 'in-cluster' }, 'spec.destination'],
    'an unknown sync policy': [{ 'sync-policy': 'sometimes' }, 'use none or auto'],
    'pruning without automated sync': [{ 'auto-prune': true }, 'add --sync-policy auto'],
    'a backoff without retries': [{ 'sync-retry-backoff-factor': '2' }, 'add --sync-retry-limit'],
    'a duration without a unit that fits': [
      { 'sync-retry-limit': '1', 'sync-retry-backoff-duration': '5 parsecs' },
      'cannot be read',
    ],
    'a parameter without a value': [{ parameter: ['image'] }, 'NAME=VALUE'],
    'two tools at once': [{ nameprefix: 'a', 'release-name': 'b' }, 'multiple application sources'],
  };
  it.each(Object.entries(refused))('refuses %s with the remedy', (_, [values, message]) => {
    expect(() => specOf(values)).toThrow(message);
  });

  it('refuses a name that is not the name in the file', () => {
    const file = { metadata: { name: 'other' } };
    expect(() => buildApplication({ name: 'guestbook', file }, least)).toThrow(
      'is not the file\'s metadata.name "other"',
    );
  });

  it('refuses source flags on a file with several sources', () => {
    const file = { spec: { sources: [{ repoURL: 'https://git.example.com/a.git', path: '.' }] } };
    expect(() => buildApplication({ name: 'guestbook', file }, { revision: 'v2' })).toThrow(
      'edit the file, or use keelson app set',
    );
  });
});
