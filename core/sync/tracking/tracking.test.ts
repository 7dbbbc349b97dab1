import { describe, expect, it } from 'vitest';
import {
  believedOwner,
  formatTrackingId,
  isSelfReferenced,
  ownerOf,
  readTrackingId,
  type Tracked,
} from './tracking.ts';

const byAnnotation = { method: 'annotation' } as const;
const trackingId = 'argocd.argoproj.io/tracking-id';

function live(id: string, key: Partial<Tracked['key']> = {}): Tracked {
  return {
    key: { group: '', kind: 'Service', namespace: 'prod', name: 'web', ...key },
    metadata: { annotations: { [trackingId]: id } },
  };
}

describe('core/sync/tracking', () => {
  it.each([
    ['app:/Service:prod/web', { group: '', kind: 'Service', namespace: 'prod', name: 'web' }],
    [
      'app:rbac.authorization.k8s.io/ClusterRole:prod/system:node',
      { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', namespace: 'prod', name: 'system:node' },
    ],
  ])('reads and writes %s', (text, key) => {
    expect(readTrackingId(text)).toEqual({ instance: 'app', key });
    expect(formatTrackingId({ instance: 'app', key })).toBe(text);
  });

  it.each(['', 'app', 'app:Service:prod/web', 'app:/Service:web', 'app:/Service:a/b/c', 'app:a/b/c:d/e'])(
    'does not read "%s" as a tracking id',
    (text) => {
      expect(readTrackingId(text)).toBeUndefined();
    },
  );

  it('finds the owner by the method in use', () => {
    expect(ownerOf(live('app:/Service:prod/web'), byAnnotation)).toBe('app');
    expect(ownerOf(live('nonsense'), byAnnotation)).toBeUndefined();
    const labelled = { ...live(''), metadata: { labels: { 'app.kubernetes.io/instance': 'app' } } };
    expect(ownerOf(labelled, { method: 'label' })).toBe('app');
    expect(ownerOf(labelled, byAnnotation)).toBeUndefined();
  });

  const label = 'app.kubernetes.io/instance';
  const long = 'x'.repeat(70);

  it.each<[string, string | undefined, string, string | undefined]>([
    ['the label', 'app', '', 'app'],
    ['the label, not another annotation', 'app', 'other:/Service:prod/web', 'app'],
    ['the annotation without a label', undefined, 'app:/Service:prod/web', 'app'],
    [
      'the annotation, where the label is its shortened form',
      'x'.repeat(63),
      `${long}:/Service:prod/web`,
      long,
    ],
    ['nothing, where the annotation is a copy', undefined, 'app:/Service:prod/source', undefined],
    ['nothing, without marks', undefined, '', undefined],
  ])('believes %s under the label method', (_name, value, id, owner) => {
    const object = live(id);
    const labels = value === undefined ? {} : { [label]: value };
    const marked = { ...object, metadata: { ...object.metadata, labels } };
    expect(ownerOf(marked, { method: 'label' })).toBe(owner);
  });

  it.each(['annotation', 'annotation+label'] as const)('never believes a label under %s', (method) => {
    const marked = { ...live(''), metadata: { labels: { [label]: 'app' } } };
    expect(ownerOf(marked, { method })).toBeUndefined();
  });

  it('believes no copied tracking id', () => {
    expect(believedOwner(live('app:/Service:prod/web'), byAnnotation)).toBe('app');
    expect(believedOwner(live('app:/Service:prod/source'), byAnnotation)).toBeUndefined();
  });

  it('takes objects of another installation for untracked', () => {
    const foreign = live('app:/Service:prod/web');
    expect(ownerOf(foreign, { method: 'annotation', installationId: 'one' })).toBeUndefined();
  });

  it.each<[string, Tracked, boolean]>([
    ['the object itself', live('app:/Service:prod/web'), true],
    ['no id', live(''), true],
    ['another name', live('app:/Service:prod/api'), false],
    ['another kind', live('app:/Pod:prod/web'), false],
    ['another group', live('app:x/Service:prod/web'), false],
    ['another namespace', live('app:/Service:dev/web'), false],
    [
      'a cluster-scoped object with the destination namespace',
      live('app:/Service:dev/web', { namespace: '' }),
      true,
    ],
  ])('checks an id that names %s', (_name, object, expected) => {
    expect(isSelfReferenced(object, byAnnotation)).toBe(expected);
  });

  it('cannot check labels and lets them pass', () => {
    expect(isSelfReferenced(live('app:/Pod:x/y'), { method: 'label' })).toBe(true);
  });
});
