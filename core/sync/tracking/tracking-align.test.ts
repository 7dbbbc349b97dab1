import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
import type { TrackingMethod } from './tracking.ts';
import { alignTracking, isLabelledByUs } from './tracking-align.ts';
import { stampTracking } from './tracking-stamp.ts';

const legacyKey = 'applications.argoproj.io/app-name';
const methods = ['annotation', 'label', 'annotation+label'] as const;
const instance = 'app';

function workload(metadata: object = {}): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'prod', ...metadata },
    spec: { template: { metadata: { labels: { a: 'b' } } } },
  };
}

function stamped(
  method: TrackingMethod,
  labelKey?: string,
  manifest = workload(),
  owner = instance,
): Manifest {
  const tracking = { method, ...(labelKey === undefined ? {} : { labelKey }) };
  return stampTracking(manifest, { instance: owner, destinationNamespace: 'prod', tracking });
}

/** Maps that are empty and maps that are absent say the same to an API server. */
function filled({ metadata: { labels = {}, annotations = {}, ...metadata }, ...rest }: Manifest): unknown {
  return { ...rest, metadata: { ...metadata, labels, annotations } };
}

describe('core/sync/tracking-align', () => {
  const cases = methods.flatMap((before) =>
    methods.flatMap((after) => methods.map((rendered) => [before, after, rendered] as const)),
  );

  it.each(cases)(
    'compares an object marked by %s as equal under %s when rendered for %s',
    (before, after, rendered) => {
      for (const labelKey of [undefined, legacyKey]) {
        const live = stamped(before, labelKey);
        const desired = stamped(rendered, labelKey);
        const tracking = { method: after, ...(labelKey === undefined ? {} : { labelKey }) };
        // A render for the annotation never sees its own label, so a live label stays and a missing one is a chart's.
        const aligned = alignTracking(desired, live, { instance, tracking });
        if (after === 'annotation' && rendered === 'annotation+label' && before !== rendered) continue;
        expect(filled(aligned)).toEqual(filled(live));
      }
    },
  );

  it('keeps what a chart says with the same label', () => {
    const label = 'app.kubernetes.io/instance';
    const live = stamped('annotation', undefined, workload({ labels: { [label]: 'release-1' } }));
    const desired = stamped('annotation', undefined, workload({ labels: { [label]: 'release-2' } }));
    const owner = { instance, tracking: { method: 'annotation' } } as const;
    expect(alignTracking(desired, live, owner)).toEqual(desired);
    const added = stamped('annotation', undefined, workload({ labels: { [label]: instance } }));
    expect(alignTracking(added, stamped('annotation'), owner)).toEqual(added);
  });

  it.each(methods)(
    'shows an object of another application and an unmarked one as they are under %s',
    (method) => {
      const owner = { instance, tracking: { method } };
      const desired = stamped(method);
      for (const live of [stamped(method, undefined, workload(), 'other'), workload()]) {
        expect(alignTracking(desired, live, owner)).toEqual(desired);
      }
    },
  );

  it('does not believe a copied tracking id or one of another installation', () => {
    const desired = stamped('label');
    const copied = stamped('annotation', undefined, workload({ name: 'source' }));
    const live = { ...copied, metadata: { ...copied.metadata, name: 'web' } };
    expect(alignTracking(desired, live, { instance, tracking: { method: 'label' } })).toEqual(desired);
    const foreign = { method: 'annotation', installationId: 'one' } as const;
    expect(alignTracking(desired, stamped('annotation'), { instance, tracking: foreign })).toEqual(desired);
  });

  const label = 'app.kubernetes.io/instance';
  const managed = (manager: string, operation: string, name = label): object => ({
    manager,
    operation,
    fieldsV1: { 'f:metadata': { 'f:labels': { [`f:${name}`]: {} } } },
  });

  it.each<[string, object, boolean]>([
    ['our own hand', { managedFields: [managed('helm', 'Update'), managed('keelson', 'Apply')] }, true],
    ['a chart', { managedFields: [managed('helm', 'Update')] }, false],
    ['an update of ours', { managedFields: [managed('keelson', 'Update')] }, false],
    ['our own hand on another label', { managedFields: [managed('keelson', 'Apply', 'x')] }, false],
    ['nobody that is known', {}, false],
    [
      'our own hand for another application',
      { labels: { [label]: 'other' }, managedFields: [managed('keelson', 'Apply')] },
      false,
    ],
    [
      'our own hand beside an annotation',
      {
        annotations: { 'argocd.argoproj.io/tracking-id': 'x' },
        managedFields: [managed('keelson', 'Apply')],
      },
      false,
    ],
    [
      'our own hand on an object with an owner',
      { ownerReferences: [{}], managedFields: [managed('keelson', 'Apply')] },
      false,
    ],
  ])('tells whether a label was written by %s', (_name, metadata, expected) => {
    const object = workload({ labels: { [label]: instance }, ...metadata });
    const tracking = { method: 'annotation' } as const;
    expect(isLabelledByUs(object, { instance, tracking, manager: 'keelson' })).toBe(expected);
  });
});
