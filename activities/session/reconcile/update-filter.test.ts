import { afterAll, describe, expect, it } from 'vitest';
import type { CacheChange } from '../../../cluster/cache/cache-store.ts';
import { assessHealth } from '../../../core/health/assess.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { readSettings } from '../../../core/settings/words/read-settings.ts';
import { createJq } from '../../../platform/jq/jq.ts';
import { createUpdateFilter } from './update-filter.ts';

const jq = createJq();
afterAll(() => jq.close());

const tracked = (apiVersion: string, kind: string, more: object, metadata: object = {}): Manifest => {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  const id = `app:${group}/${kind}:prod/web`;
  const annotations = { 'argocd.argoproj.io/tracking-id': id };
  return {
    apiVersion,
    kind,
    metadata: { name: 'web', namespace: 'prod', annotations, ...metadata },
    ...more,
  };
};

/** Whether a change is news under the words of an `argocd-cm`. */
async function counts(
  previous: Manifest | undefined,
  object: Manifest,
  words: Record<string, string> = {},
  desired: { readonly restoresHealth: boolean } | undefined = undefined,
): Promise<boolean> {
  const { settings } = readSettings({ 'argocd-cm': words });
  const desirers = { of: () => (desired === undefined ? [] : [{ id: '1', instance: 'app', ...desired }]) };
  const { pass } = createUpdateFilter({ view: { settings, assessHealth }, desirers, jq });
  const change: CacheChange =
    previous === undefined ? { type: 'added', object } : { type: 'updated', object, previous };
  let taken = 0;
  pass(change, () => {
    taken += 1;
  });
  // jq answers in the order in which it is asked.
  await jq.remove(object, ['.none']);
  await jq.remove(object, ['.none']);
  expect(taken).toBeLessThanOrEqual(1);
  return taken === 1;
}

const pod = (status: object) =>
  tracked('v1', 'Pod', { spec: { containers: [{ name: 'main' }], restartPolicy: 'Always' }, status });

describe('activities/session/update-filter', () => {
  it('passes what comes, and drops a change of what does not count', async () => {
    const map = (annotations: object): Manifest =>
      tracked('example.com/v1', 'Thing', { spec: { a: 1 }, status: annotations });
    expect(await counts(undefined, map({}))).toBe(true);
    expect(await counts(map({ x: 1 }), map({ x: 2 }))).toBe(false);
    expect(await counts(map({ x: 1 }), { ...map({ x: 2 }), spec: { a: 2 } })).toBe(true);
  });

  it('passes a deletion, which tells the last state twice', () => {
    const { settings } = readSettings({});
    const { pass } = createUpdateFilter({
      view: { settings, assessHealth },
      desirers: { of: () => [] },
      jq,
    });
    const object = tracked('v1', 'ConfigMap', { data: { v: '1' } });
    let taken = 0;
    pass({ type: 'deleted', object, previous: object }, () => {
      taken += 1;
    });
    expect(taken).toBe(1);
  });

  it('passes a status that changes the health or what the tree tells of an object', async () => {
    const ready = (count: number, more: object = {}) =>
      pod({ phase: 'Running', containerStatuses: [{ ready: true, restartCount: count }], ...more });
    expect(await counts(ready(0), ready(0, { qosClass: 'Burstable' }))).toBe(false);
    expect(await counts(ready(0), ready(1))).toBe(true);
    expect(await counts(pod({ phase: 'Pending' }), pod({ phase: 'Failed' }))).toBe(true);
    const service = (ip: string) =>
      tracked('v1', 'Service', {
        spec: { type: 'ClusterIP' },
        status: { loadBalancer: { ingress: [{ ip }] } },
      });
    expect(await counts(service('10.0.0.1'), service('10.0.0.2'))).toBe(true);
  });

  it('passes a change of whose the object is, whatever is left out of it', async () => {
    const slice = (metadata: object) => tracked('discovery.k8s.io/v1', 'EndpointSlice', {}, metadata);
    const foreign = {
      annotations: { 'argocd.argoproj.io/tracking-id': 'b:discovery.k8s.io/EndpointSlice:prod/web' },
    };
    expect(await counts(slice({ labels: { a: '1' } }), slice({ labels: { a: '2' } }))).toBe(false);
    expect(await counts(slice({}), slice(foreign))).toBe(true);
    expect(await counts(slice({}), slice({ deletionTimestamp: '2026-01-01T00:00:00Z' }))).toBe(true);
  });

  it('passes each change of what another object owns or nobody has, unless that asks otherwise', async () => {
    const owned = (status: object, annotations: object = {}) =>
      ({
        ...tracked('example.com/v1', 'Thing', { status }),
        metadata: {
          name: 'a',
          ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: '1' }],
          annotations,
        },
      }) as Manifest;
    expect(await counts(owned({ a: 1 }), owned({ a: 2 }))).toBe(true);
    // Its controller has copied the mark of what it belongs to.
    const marked = { 'argocd.argoproj.io/tracking-id': 'app:example.com/Thing:prod/a' };
    expect(await counts(owned({ a: 1 }, marked), owned({ a: 2 }, marked))).toBe(true);
    const quiet = { 'argocd.argoproj.io/ignore-resource-updates': 'true' };
    expect(await counts(owned({ a: 1 }, quiet), owned({ a: 2 }, quiet))).toBe(false);
    const stray = (status: object): Manifest => ({
      apiVersion: 'a/v1',
      kind: 'T',
      metadata: { name: 'a' },
      status,
    });
    expect(await counts(stray({ a: 1 }), stray({ a: 2 }))).toBe(true);
    expect(await counts(stray({ a: 1 }), stray({ a: 2 }), {}, { restoresHealth: false })).toBe(false);
  });

  it('asks jq where only jq can tell', async () => {
    const thing = (seen: string, other: string) =>
      tracked('example.com/v1', 'Thing', { spec: { list: [{ name: 'x', seen, other }] } });
    const rule = 'jqPathExpressions:\n  - .spec.list[] | select(.name == "x") | .seen\n';
    const words = { 'resource.customizations.ignoreResourceUpdates.example.com_Thing': rule };
    expect(await counts(thing('1', 'a'), thing('2', 'a'), words)).toBe(false);
    expect(await counts(thing('1', 'a'), thing('2', 'b'), words)).toBe(true);
    expect(await counts(thing('1', 'a'), thing('2', 'a'))).toBe(true);
    const bad = {
      ...words,
      'resource.customizations.ignoreResourceUpdates.all': 'jqPathExpressions: [".spec["]',
    };
    expect(await counts(thing('1', 'a'), thing('1', 'b'), bad)).toBe(true);
  });

  it('passes the health of a child to a parent in whose health it counts, and no other status', async () => {
    const child = (health: string, more: object = {}) =>
      tracked('argoproj.io/v1alpha1', 'Application', {
        spec: {},
        status: { health: { status: health }, ...more },
      });
    const [healthy, degraded] = [child('Healthy'), child('Degraded')];
    expect(await counts(healthy, degraded, {}, { restoresHealth: true })).toBe(true);
    expect(await counts(healthy, degraded, {}, { restoresHealth: false })).toBe(false);
    expect(await counts(healthy, child('Healthy', { a: 1 }), {}, { restoresHealth: true })).toBe(false);
  });
});
