import { describe, expect, it } from 'vitest';
import {
  type AutoSyncFacts,
  decideAutoSync,
  heldBack,
  type LastOperation,
  selfHealDelaySeconds,
} from './autosync.ts';

const sources = [{ repoURL: 'https://git.example.com/a', path: '.' }];
const web = {
  group: 'apps',
  kind: 'Deployment',
  name: 'web',
  namespace: 'prod',
  status: 'OutOfSync',
  requiresPruning: false,
} as const;
const old = { ...web, name: 'old', requiresPruning: true } as const;
const done: LastOperation = {
  phase: 'Succeeded',
  message: '',
  revision: 'abc',
  sources,
  change: 'nothing',
  finishedAtUnix: 1000,
  selfHealAttempts: 0,
};

const base: AutoSyncFacts = {
  syncPolicy: { automated: { prune: true, selfHeal: true } },
  operationInProgress: false,
  deleting: false,
  syncStatus: 'OutOfSync',
  revision: 'abc',
  several: false,
  sources,
  resources: [web],
  last: undefined,
  nowUnix: 1000,
};

describe('core/application/autosync', () => {
  it('leaves to people what would deploy something else than the spec means', () => {
    const facts = { ...base, resources: [web], misdeployment: 'it would be something else' };
    expect(decideAutoSync(facts)).toEqual({
      action: 'none',
      reason: 'it would be something else',
      condition: true,
    });
    const off = { ...facts, syncPolicy: {} };
    expect(decideAutoSync(off)).toMatchObject({ reason: 'automated sync is off', condition: false });
  });

  it('heals what the project permits, and nothing where it permits none of it', () => {
    const refused = { ...web, name: 'refused', refused: true };
    const facts = { ...base, last: done, resources: [web, refused] };
    expect(decideAutoSync(facts)).toMatchObject({
      action: 'sync',
      request: { resources: [{ name: 'web' }] },
    });
    expect(decideAutoSync({ ...facts, resources: [refused] })).toMatchObject({
      action: 'none',
      condition: false,
    });
    // A revision that brings it is tried, and says what is wrong; so is one that differs in nothing but its namespace.
    expect(decideAutoSync({ ...base, resources: [refused] })).toMatchObject({ action: 'sync' });
    expect(decideAutoSync({ ...facts, resources: [{ ...web, status: 'Synced' }] })).toMatchObject({
      action: 'sync',
    });
  });

  it('syncs everything to the compared revision the first time', () => {
    expect(
      decideAutoSync({ ...base, syncPolicy: { automated: { prune: true }, syncOptions: ['A=b'] } }),
    ).toEqual({
      action: 'sync',
      request: {
        revision: 'abc',
        prune: true,
        dryRun: false,
        strategy: 'hook',
        force: false,
        resources: [],
        syncOptions: ['A=b'],
        retry: {
          limit: 5,
          backoff: { durationSeconds: 5, factor: 2, maxDurationSeconds: 180 },
          refresh: false,
        },
        selfHealAttempts: 0,
        info: [],
      },
    });
  });

  it('asks for revisions by position where the spec lists its sources', () => {
    const decision = decideAutoSync({ ...base, several: true, revision: 'abc,1.2.3' });
    expect(decision).toMatchObject({ request: { revisions: ['abc', '1.2.3'] } });
    expect(decision).not.toHaveProperty('request.revision');
  });

  it('uses the retry block of the spec when there is one', () => {
    const syncPolicy = { automated: {}, retry: { limit: 1 } };
    expect(decideAutoSync({ ...base, syncPolicy })).toMatchObject({
      request: { retry: { limit: 1 }, prune: false },
    });
  });

  it.each<[string, Partial<AutoSyncFacts>, RegExp]>([
    ['it is not automated', { syncPolicy: {} }, /off/],
    ['it is disabled', { syncPolicy: { automated: { enabled: false } } }, /off/],
    ['an operation runs', { operationInProgress: true }, /another operation/],
    ['it is being deleted', { deleting: true }, /deleted/],
    ['somebody has to decide first', { hold: 'an object has the name' }, /has the name/],
    ['it is synced', { syncStatus: 'Synced' }, /is Synced/],
    ['the comparison failed', { syncStatus: 'Unknown' }, /is Unknown/],
    [
      'only pruning is left and that is off',
      { syncPolicy: { automated: {} }, resources: [old, { ...web, status: 'Synced' }] },
      /only need pruning/,
    ],
    [
      'the revision was synced and self-heal is off',
      { syncPolicy: { automated: {} }, last: done },
      /already was to abc/,
    ],
  ])('does nothing and tells nobody when %s', (_name, change, reason) => {
    const decision = decideAutoSync({ ...base, ...change });
    expect(decision).toMatchObject({ action: 'none', condition: false });
    expect(decision.action === 'none' && decision.reason).toMatch(reason);
  });

  it('does not repeat a failed sync of the same revision, and says so', () => {
    const last: LastOperation = { ...done, phase: 'Failed', message: 'boom' };
    expect(decideAutoSync({ ...base, last })).toEqual({
      action: 'none',
      reason: 'Failed last sync attempt to [abc]: boom',
      condition: true,
    });
    const { revision: _, ...withoutResult } = last;
    expect(decideAutoSync({ ...base, last: withoutResult })).toMatchObject({
      action: 'none',
      condition: true,
    });
  });

  it.each<[string, Partial<LastOperation>]>([
    ['another revision', { revision: 'old' }],
    ['other sources', { sources: [{ repoURL: 'https://git.example.com/a', path: 'b' }] }],
    ['a run that a newer one superseded', { phase: 'Superseded' }],
    ['a failure, once the spec has changed', { change: 'spec' }],
    ['a run to another destination', { phase: 'Succeeded', change: 'destination' }],
  ])('syncs in full again after %s', (_name, change) => {
    const last = { ...done, phase: 'Failed', selfHealAttempts: 4, ...change } as const;
    expect(decideAutoSync({ ...base, last })).toMatchObject({
      action: 'sync',
      request: { resources: [], selfHealAttempts: 0 },
    });
  });

  it('takes a changed spec for something new to try after a failure without a result, not after a success', () => {
    const { revision: _, ...withoutResult } = done;
    const failed = { ...withoutResult, phase: 'Error', change: 'spec' } as const;
    expect(decideAutoSync({ ...base, last: failed })).toMatchObject({ action: 'sync' });
    const syncPolicy = { automated: {} };
    const last = { ...done, change: 'spec' } as const;
    expect(decideAutoSync({ ...base, syncPolicy, last })).toMatchObject({ action: 'none' });
  });

  it('heals only what differs and counts the attempt', () => {
    const resources = [
      web,
      { ...web, name: 'same', status: 'Synced' },
      { ...web, name: 'hook', status: undefined },
    ] as const;
    expect(decideAutoSync({ ...base, last: done, resources })).toMatchObject({
      action: 'sync',
      request: {
        resources: [{ group: 'apps', kind: 'Deployment', name: 'web', namespace: 'prod' }],
        selfHealAttempts: 1,
      },
    });
  });

  it('waits longer before each further self-heal', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((attempts) => selfHealDelaySeconds(attempts))).toEqual([
      0, 2, 6, 18, 54, 162, 300, 300,
    ]);
    const last = { ...done, selfHealAttempts: 3 };
    expect(decideAutoSync({ ...base, last, nowUnix: 1017 })).toEqual({ action: 'wait', untilUnix: 1018 });
    expect(decideAutoSync({ ...base, last, nowUnix: 1018 })).toMatchObject({ action: 'sync' });
  });

  it('does not sync for what only needs pruning while the source can not be read in full', () => {
    const doubted = { ...base, untrusted: true };
    expect(decideAutoSync({ ...doubted, resources: [old] })).toMatchObject({ action: 'none' });
    expect(decideAutoSync({ ...doubted, resources: [old, web] })).toMatchObject({ action: 'sync' });
  });

  it('does not wipe out everything unless that is allowed', () => {
    expect(decideAutoSync({ ...base, resources: [old] })).toEqual({
      action: 'none',
      reason: 'Skipping sync attempt to [abc]: auto-sync will wipe out all resources',
      condition: true,
    });
    const syncPolicy = { automated: { prune: true, allowEmpty: true } };
    expect(decideAutoSync({ ...base, syncPolicy, resources: [old] })).toMatchObject({ action: 'sync' });
    expect(decideAutoSync({ ...base, resources: [old, web] })).toMatchObject({ action: 'sync' });
  });

  it('waits while a window denies it, and only where it would sync', () => {
    const closure = { message: 'blocked by sync window', opensAt: 5000, askAt: 5000 };
    const commit = 'a'.repeat(40);
    expect(heldBack(decideAutoSync({ ...base, revision: commit }), closure)).toEqual({
      action: 'held',
      revision: 'aaaaaaa',
      closure,
    });
    const wanted = decideAutoSync(base);
    expect(heldBack(wanted, undefined)).toBe(wanted);
    for (const facts of [{ deleting: true }, { last: { ...done, selfHealAttempts: 2 } }]) {
      const other = decideAutoSync({ ...base, ...facts });
      expect(other.action).not.toBe('sync');
      expect(heldBack(other, closure)).toBe(other);
    }
  });
});
