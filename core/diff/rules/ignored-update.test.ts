import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { readSettings } from '../../settings/words/read-settings.ts';
import { isEmptyUpdate, reducedUpdate, updateRulesOf } from './ignored-update.ts';

const before: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'prod', resourceVersion: '1', generation: 1, managedFields: [{}] },
  spec: { replicas: 1, paused: false },
  status: { replicas: 1 },
};

const next = (more: object, metadata: object = {}): Manifest => ({
  ...before,
  ...more,
  metadata: { ...before.metadata, resourceVersion: '2', generation: 2, managedFields: [], ...metadata },
});

/** Whether a change counts for nothing under the words of an `argocd-cm`. */
function ignores(object: Manifest, words: Record<string, string> = {}, isOwn = true, previous = before) {
  const { settings, problems } = readSettings({ 'argocd-cm': words });
  expect(problems).toEqual([]);
  const rules = updateRulesOf(object, settings, isOwn);
  return rules !== undefined && isEmptyUpdate(reducedUpdate({ previous, object }, rules));
}

const split = 'resource.customizations.ignoreResourceUpdates';

describe('core/diff/ignored-update', () => {
  it.each<[string, Manifest, boolean]>([
    ['its status', next({ status: { replicas: 2 } }), true],
    ['a first status', next({ status: undefined }), true],
    ['nothing but the books of the API server', next({}), true],
    ['its spec', next({ spec: { replicas: 2, paused: false } }), false],
    ['a label', next({}, { labels: { a: 'b' } }), false],
    ['an annotation', next({}, { annotations: { a: 'b' } }), false],
    ['its deletion', next({}, { deletionTimestamp: '2026-01-01T00:00:00Z' }), false],
  ])('leaves out a change of %s where nothing is set', (_name, object, ignored) => {
    expect(ignores(object)).toBe(ignored);
  });

  it('leaves out what the installation of the reference leaves out', () => {
    const object = (apiVersion: string, kind: string, annotations: object, more: object = {}): Manifest => ({
      ...{ apiVersion, kind, ...more },
      metadata: { name: 'a', annotations: { ...annotations } },
    });
    const kinds: readonly (readonly [string, string, string])[] = [
      ['v1', 'ConfigMap', 'control-plane.alpha.kubernetes.io/leader'],
      ['v1', 'ConfigMap', 'cluster-autoscaler.kubernetes.io/last-updated'],
      ['apps/v1', 'ReplicaSet', 'deployment.kubernetes.io/desired-replicas'],
      ['argoproj.io/v1alpha1', 'Rollout', 'notified.notifications.argoproj.io'],
      ['autoscaling/v2', 'HorizontalPodAutoscaler', 'autoscaling.alpha.kubernetes.io/conditions'],
    ];
    for (const [version, kind, name] of kinds) {
      const [old, now] = ['1', '2'].map((value) => object(version, kind, { [name]: value }));
      expect(ignores(now as Manifest, {}, true, old), `${kind} ${name}`).toBe(true);
      const none = object(version, kind, {});
      expect(ignores(now as Manifest, {}, true, none), `${kind} first ${name}`).toBe(true);
      expect(ignores(object('v1', 'Secret', { [name]: '2' }), {}, true, object('v1', 'Secret', {}))).toBe(
        false,
      );
    }
    const slice = (more: object) => object('discovery.k8s.io/v1', 'EndpointSlice', {}, more);
    expect(ignores(slice({ endpoints: [1] }), {}, true, slice({ endpoints: [] }))).toBe(true);
    expect(ignores(slice({ addressType: 'IPv6' }), {}, true, slice({ addressType: 'IPv4' }))).toBe(false);
  });

  it('adds what the settings say of a kind, of all, and in the map form', () => {
    const scaled = next({ spec: { replicas: 5, paused: false } });
    const rule = 'jsonPointers:\n  - /spec/replicas\n';
    expect(ignores(scaled, { [`${split}.apps_Deployment`]: rule })).toBe(true);
    expect(ignores(scaled, { [`${split}.apps_StatefulSet`]: rule })).toBe(false);
    expect(ignores(scaled, { [`${split}.all`]: rule })).toBe(true);
    const map = `apps/Deployment:\n  ignoreResourceUpdates: |\n    jsonPointers: [/spec/replicas]\n`;
    expect(ignores(scaled, { 'resource.customizations': map })).toBe(true);
    const managed = next(
      { spec: { replicas: 5, paused: false } },
      { managedFields: [{ manager: 'hpa', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }] },
    );
    const byManager = { [`${split}.apps_Deployment`]: 'managedFieldsManagers: [hpa]' };
    expect(ignores(managed, byManager)).toBe(true);
    expect(ignores(scaled, byManager)).toBe(false);
  });

  it('takes a key for the very same kinds in place of a default', () => {
    const status = next({ status: { replicas: 2 } });
    expect(ignores(status, { [`${split}.all`]: 'jsonPointers: []' })).toBe(false);
    // Another key leaves the default for all kinds as it is.
    expect(ignores(status, { [`${split}.apps_Deployment`]: 'jsonPointers: []' })).toBe(true);
  });

  it('counts ignoreDifferences of the settings unless that is switched off', () => {
    const scaled = next({ spec: { replicas: 5, paused: false } });
    const words = {
      'resource.customizations.ignoreDifferences.apps_Deployment': 'jsonPointers: [/spec/replicas]',
    };
    expect(ignores(scaled, words)).toBe(true);
    const off = { 'resource.compareoptions': 'ignoreDifferencesOnResourceUpdates: false' };
    expect(ignores(scaled, { ...words, ...off })).toBe(false);
  });

  it('leaves nothing out where it is switched off', () => {
    const off = { 'resource.ignoreResourceUpdatesEnabled': 'false' };
    expect(ignores(next({ status: { replicas: 2 } }), off)).toBe(false);
  });

  it('has rules for what no application tracks by its own annotation alone', () => {
    const annotated = (word: string): Manifest => next({}, { annotations: { [name]: word } });
    const name = 'argocd.argoproj.io/ignore-resource-updates';
    const of = (word: string, isOwn: boolean) =>
      ignores({ ...annotated(word), status: { replicas: 2 } }, {}, isOwn, annotated(word));
    expect(ignores(next({ status: {} }), {}, false)).toBe(false);
    expect(of('true', false)).toBe(true);
    expect(of('true', true)).toBe(true);
    expect(of('false', true)).toBe(false);
    expect(of('perhaps', false)).toBe(false);
  });
});
