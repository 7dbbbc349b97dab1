import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { stampTracking, templateLabels } from './tracking-stamp.ts';

const byAnnotation = { method: 'annotation' } as const;
const trackingId = 'argocd.argoproj.io/tracking-id';
const service: Manifest = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } };

describe('core/sync/tracking-stamp', () => {
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

  const workload = (apiVersion: string, kind: string): Manifest => ({
    apiVersion,
    kind,
    metadata: { name: 'web' },
    spec: { selector: { a: 'b' }, template: { metadata: { labels: { a: 'b' } }, spec: { x: 1 } } },
  });

  it.each<[string, string, string, boolean]>([
    ['apps/v1', 'Deployment', 'applications.argoproj.io/app-name', true],
    ['apps/v1', 'StatefulSet', 'applications.argoproj.io/app-name', true],
    ['batch/v1', 'Job', 'applications.argoproj.io/app-name', true],
    ['batch/v1', 'CronJob', 'applications.argoproj.io/app-name', false],
    ['example.com/v1', 'Deployment', 'applications.argoproj.io/app-name', false],
    ['apps/v1', 'Deployment', 'app.kubernetes.io/instance', false],
  ])('labels the pods of %s %s with %s: %s', (apiVersion, kind, labelKey, labelled) => {
    const stamp = {
      instance: 'app',
      destinationNamespace: 'p',
      tracking: { method: 'label', labelKey },
    } as const;
    const stamped = stampTracking(workload(apiVersion, kind), stamp);
    expect(stamped.metadata.labels).toEqual({ [labelKey]: 'app' });
    expect(templateLabels(stamped)).toEqual(labelled ? { a: 'b', [labelKey]: 'app' } : { a: 'b' });
    expect(stamped['spec']).toMatchObject({ selector: { a: 'b' }, template: { spec: { x: 1 } } });
  });

  it('labels no pods of a workload without a template', () => {
    const tracking = { method: 'label', labelKey: 'applications.argoproj.io/app-name' } as const;
    const bare: Manifest = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } };
    const stamped = stampTracking(bare, { instance: 'app', destinationNamespace: 'p', tracking });
    expect(stamped).not.toHaveProperty('spec');
  });
});
