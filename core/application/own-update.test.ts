import { describe, expect, it } from 'vitest';
import type { Manifest } from '../object/manifest/manifest.ts';
import { isOwnUpdate } from './own-update.ts';

const child: Manifest = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'a', namespace: 'argocd', resourceVersion: '1', generation: 1, managedFields: [{}] },
  spec: { project: 'default' },
  status: { health: { status: 'Healthy' } },
};

const next = (more: object, metadata: object = {}): Manifest => ({
  ...child,
  ...more,
  metadata: { ...child.metadata, resourceVersion: '2', generation: 2, managedFields: [], ...metadata },
});

const none = () => undefined;

describe('core/application/own-update', () => {
  it.each<[string, Manifest, boolean]>([
    ['status', next({ status: { health: { status: 'Degraded' } } }), true],
    ['a first status', next({ status: undefined }), true],
    ['a request', next({ operation: { sync: {} } }), true],
    ['a mark of a refresh', next({}, { annotations: { 'argocd.argoproj.io/refresh': 'normal' } }), true],
    ['another annotation', next({}, { annotations: { team: 'web' } }), false],
    ['a label', next({}, { labels: { team: 'web' } }), false],
    ['a finalizer', next({}, { finalizers: ['f'] }), false],
    ['its deletion', next({}, { deletionTimestamp: '2026-01-01T00:00:00Z' }), false],
    ['spec', next({ spec: { project: 'team' } }), false],
    ['its incarnation', next({}, { uid: 'another' }), false],
  ])('knows an update of %s', (_name, object, own) => {
    expect(isOwnUpdate(child, object, none)).toBe(own);
  });

  it('is one of our kinds alone', () => {
    const status = { status: { phase: 'x' } };
    for (const kind of ['ApplicationSet', 'AppProject']) {
      expect(isOwnUpdate({ ...child, kind }, next({ ...status, kind }), none)).toBe(true);
    }
    const other = { apiVersion: 'apps/v1', kind: 'Deployment' };
    expect(isOwnUpdate({ ...child, ...other }, next({ ...status, ...other }), none)).toBe(false);
    const rollout = { kind: 'Rollout' };
    expect(isOwnUpdate({ ...child, ...rollout }, next({ ...status, ...rollout }), none)).toBe(false);
  });

  it('is news where a script judges by the status', () => {
    const assess = ({ status }: Manifest) => ({
      status: (status as { health: { status: 'Healthy' | 'Degraded' } }).health.status,
    });
    expect(isOwnUpdate(child, next({ status: { health: { status: 'Degraded' } } }), assess)).toBe(false);
    expect(isOwnUpdate(child, next({ status: { ...(child['status'] as object), a: 1 } }), assess)).toBe(true);
  });
});
