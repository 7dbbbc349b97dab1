import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { assessChild, isApplication } from './child-application.ts';

const source = { repoURL: 'https://git.example.com/a.git', path: 'a' };
const destination = { server: 'https://kubernetes.default.svc', namespace: 'a' };
const automated = { automated: {} };
const synced = {
  sync: { status: 'Synced', revision: 'abc', comparedTo: { source, destination } },
  health: { status: 'Healthy' },
};

function child(
  status: object | undefined,
  spec: object = { syncPolicy: automated },
  more: object = {},
): Manifest {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'a' },
    spec: { source, destination, ...spec },
    ...(status === undefined ? {} : { status }),
    ...more,
  };
}

const failed = { phase: 'Failed', message: 'one or more objects failed', syncResult: { revision: 'abc' } };

describe('core/sync/child-application', () => {
  it.each<[string, Manifest, string, string | RegExp]>([
    ['well', child(synced), 'succeeded', ''],
    ['new', child(undefined), 'waiting', 'its new spec is not compared yet'],
    [
      'of another spec',
      child(synced, { syncPolicy: automated, source: { ...source, path: 'b' } }),
      'waiting',
      'its new spec is not compared yet',
    ],
    [
      'of another namespace',
      child(synced, { syncPolicy: automated, destination: { ...destination, namespace: 'b' } }),
      'waiting',
      'its new spec is not compared yet',
    ],
    [
      'of the same spec, written in another way',
      child(synced, {
        syncPolicy: automated,
        source: { ...source, helm: {}, directory: { recurse: false } },
        destination: { name: 'in-cluster', namespace: 'a' },
      }),
      'succeeded',
      '',
    ],
    ['of no named spec', child({ ...synced, sync: { status: 'Synced' } }), 'succeeded', ''],
    [
      'of several sources',
      child(
        { ...synced, sync: { ...synced.sync, comparedTo: { sources: [source], destination } } },
        { syncPolicy: automated, source: undefined, sources: [source] },
      ),
      'succeeded',
      '',
    ],
    [
      'in a sync',
      child({ ...synced, operationState: { phase: 'Running' } }),
      'waiting',
      'its sync is running',
    ],
    ['asked to sync', child(synced, {}, { operation: { sync: {} } }), 'waiting', 'its sync is running'],
    [
      'out of sync',
      child({ ...synced, sync: { ...synced.sync, status: 'OutOfSync' } }),
      'waiting',
      'it is OutOfSync',
    ],
    [
      'out of sync after a failure',
      child({ ...synced, sync: { ...synced.sync, status: 'OutOfSync' }, operationState: failed }),
      'failed',
      'its sync has failed: one or more objects failed',
    ],
    [
      'out of sync after a failure of an earlier revision',
      child({
        ...synced,
        sync: { ...synced.sync, status: 'OutOfSync' },
        operationState: { ...failed, syncResult: { revision: 'before' } },
      }),
      'waiting',
      'it is OutOfSync',
    ],
    [
      'that can not be compared',
      child({
        ...synced,
        sync: { ...synced.sync, status: 'Unknown' },
        conditions: [
          { type: 'NoEffectWarning', message: 'a' },
          { type: 'ComparisonError', message: 'no such path' },
        ],
      }),
      'waiting',
      'no such path',
    ],
    [
      'degraded',
      child({ ...synced, health: { status: 'Degraded', message: 'Deployment a: too slow' } }),
      'failed',
      'Deployment a: too slow',
    ],
    ['on its way', child({ ...synced, health: { status: 'Progressing' } }), 'waiting', 'it is Progressing'],
    ['not judged', child({ ...synced, health: undefined }), 'waiting', 'it is not judged yet'],
  ])('is waited for while it is not well: %s', (_name, live, state, message) => {
    expect(assessChild(live, false)).toEqual({ state, message });
  });

  it('is not waited for when nobody but a person syncs it, unless all are', () => {
    const { sync } = synced;
    const byHand = child({ sync: { ...sync, status: 'OutOfSync' }, health: { status: 'Missing' } }, {});
    expect(assessChild(byHand, false)).toEqual({
      state: 'succeeded',
      message: 'not waited for, as it is not synced by itself',
    });
    expect(assessChild(byHand, true)).toEqual({ state: 'waiting', message: 'it is OutOfSync' });
    const off = child(undefined, { syncPolicy: { automated: { enabled: false, prune: true } } });
    expect(assessChild(off, false).state).toBe('succeeded');
  });

  it('is an Application of this group alone', () => {
    expect(isApplication({ group: 'argoproj.io', kind: 'Application' })).toBe(true);
    expect(isApplication({ group: 'app.k8s.io', kind: 'Application' })).toBe(false);
    expect(isApplication({ group: 'argoproj.io', kind: 'AppProject' })).toBe(false);
  });
});
