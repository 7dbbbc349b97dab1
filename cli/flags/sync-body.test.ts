import { describe, expect, it } from 'vitest';
import { parseResource, type SyncFlags, selectResources, syncBodyOf } from './sync-body.ts';

const defaults: SyncFlags = {
  retryBackoffDuration: '5s',
  retryBackoffFactor: '2',
  retryBackoffMaxDuration: '3m',
};

const known = [
  { group: 'apps', kind: 'Deployment', namespace: 'demo', name: 'web' },
  { group: '', kind: 'Service', namespace: 'demo', name: 'web' },
  { group: '', kind: 'ConfigMap', namespace: 'demo', name: 'settings' },
];

function select(...texts: string[]) {
  return selectResources(texts.map(parseResource), known);
}

describe('cli/sync-body', () => {
  it('leaves to the application what no flag says', () => {
    expect(syncBodyOf(defaults)).toEqual({ strategy: { hook: {} } });
  });

  it('names revisions by the positions of their sources', () => {
    const flags = { ...defaults, revisions: ['v1', 'v2'], sourcePositions: ['2', '1'] };
    expect(syncBodyOf(flags)).toEqual({
      revisions: ['v1', 'v2'],
      sourcePositions: [2, 1],
      strategy: { hook: {} },
    });
    expect(() => syncBodyOf({ ...flags, sourcePositions: ['2'] })).toThrow(/differ in number \(2 and 1\)/);
    expect(() => syncBodyOf({ ...flags, revision: 'v3' })).toThrow(/--revision is for applications with one/);
    expect(() => syncBodyOf({ ...flags, sourcePositions: ['a', '1'] })).toThrow(/not a whole number/);
  });

  it('carries every flag', () => {
    const body = syncBodyOf({
      ...defaults,
      revision: 'v2',
      prune: true,
      dryRun: true,
      force: true,
      strategy: 'apply',
      serverSide: true,
      applyOutOfSyncOnly: true,
      info: ['ticket=OPS-1'],
      retryLimit: '4',
    });
    expect(body).toEqual({
      revision: 'v2',
      prune: true,
      dryRun: true,
      strategy: { apply: { force: true } },
      syncOptions: { items: ['ServerSideApply=true', 'ApplyOutOfSyncOnly=true'] },
      infos: [{ name: 'ticket', value: 'OPS-1' }],
      retryStrategy: { limit: 4, backoff: { duration: '5s', factor: 2, maxDuration: '3m' } },
    });
  });

  it('refuses an unknown strategy and a limit that is no number', () => {
    expect(() => syncBodyOf({ ...defaults, strategy: 'magic' })).toThrow('use apply or hook');
    expect(() => syncBodyOf({ ...defaults, retryLimit: 'many' })).toThrow('--retry-limit "many"');
  });

  it('passes plain selectors on as they are', () => {
    expect(select('apps:Deployment:web', ':Service:demo/web')).toEqual({
      resources: [
        { group: 'apps', kind: 'Deployment', name: 'web' },
        { group: '', kind: 'Service', name: 'web', namespace: 'demo' },
      ],
      hints: [],
    });
  });

  it('matches patterns and exclusions against what the application has', () => {
    expect(select('*:*:web').resources.map(({ kind }) => kind)).toEqual(['Deployment', 'Service']);
    expect(select('!:ConfigMap:settings').resources.map(({ kind }) => kind)).toEqual([
      'Deployment',
      'Service',
    ]);
    expect(select(':*:*', '!*:*:web').resources.map(({ kind }) => kind)).toEqual(['ConfigMap']);
  });

  it('refuses a selection that leaves nothing, rather than syncing everything', () => {
    expect(() => select('*:*:nothing')).toThrow('leaves no object');
  });

  it('hints at the group that was left out', () => {
    expect(select(':Deployment:web').hints).toEqual([
      'resource :Deployment:web is of the core group and matches nothing; did you mean apps:Deployment:web?',
    ]);
  });

  it.each(['Deployment', 'apps:Deployment', 'apps:Deployment:a:b', '::'])(
    'refuses the selector %s',
    (text) => {
      expect(() => parseResource(text)).toThrow('write GROUP:KIND:NAME');
    },
  );
});
