import { describe, expect, it } from 'vitest';
import type { Manifest } from '../object/manifest.ts';
import {
  formatTrackingId,
  isSelfReferenced,
  ownerOf,
  readTrackingId,
  stampTracking,
  type Tracked,
} from './tracking.ts';

const byAnnotation = { method: 'annotation' } as const;
const trackingId = 'argocd.argoproj.io/tracking-id';
const service: Manifest = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } };

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

  it('stamps the annotation with the destination namespace and keeps other metadata', () => {
    const stamped = stampTracking(
      { ...service, metadata: { name: 'web', labels: { a: 'b' }, annotations: { c: 'd' } } },
      { instance: 'app', destinationNamespace: 'prod', tracking: byAnnotation },
    );
    expect(stamped.metadata).toEqual({
      name: 'web',
      labels: { a: 'b' },
      annotations: { c: 'd', [trackingId]: 'app:/Service:prod/web' },
    });
    expect(service.metadata).toEqual({ name: 'web' });
  });

  it('stamps the label alone, in full, under the label method', () => {
    const instance = 'x'.repeat(70);
    const stamped = stampTracking(service, {
      instance,
      destinationNamespace: '',
      tracking: { method: 'label' },
    });
    expect(stamped.metadata).toEqual({ name: 'web', labels: { 'app.kubernetes.io/instance': instance } });
  });

  it('stamps both and shortens the label to a valid one', () => {
    const instance = `${'x'.repeat(62)}--yz`;
    const tracking = { method: 'annotation+label', labelKey: 'owner' } as const;
    const { labels, annotations } = stampTracking(service, {
      instance,
      destinationNamespace: 'p',
      tracking,
    }).metadata;
    expect(labels).toEqual({ owner: 'x'.repeat(62) });
    expect(annotations?.[trackingId]).toBe(`${instance}:/Service:p/web`);
  });

  it('writes the installation id and removes a foreign one', () => {
    const stamp = { instance: 'app', destinationNamespace: 'p' };
    const withId = stampTracking(service, {
      ...stamp,
      tracking: { method: 'annotation', installationId: 'one' },
    });
    expect(withId.metadata.annotations).toMatchObject({ 'argocd.argoproj.io/installation-id': 'one' });
    const without = stampTracking(withId, { ...stamp, tracking: byAnnotation });
    expect(without.metadata.annotations).not.toHaveProperty(['argocd.argoproj.io/installation-id']);
  });

  it('leaves CRDs untouched', () => {
    const crd: Manifest = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
    };
    expect(stampTracking(crd, { instance: 'a', destinationNamespace: 'b', tracking: byAnnotation })).toBe(
      crd,
    );
  });

  it('finds the owner by the method in use', () => {
    expect(ownerOf(live('app:/Service:prod/web'), byAnnotation)).toBe('app');
    expect(ownerOf(live('nonsense'), byAnnotation)).toBeUndefined();
    const labelled = { ...live(''), metadata: { labels: { 'app.kubernetes.io/instance': 'app' } } };
    expect(ownerOf(labelled, { method: 'label' })).toBe('app');
    expect(ownerOf(labelled, byAnnotation)).toBeUndefined();
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
