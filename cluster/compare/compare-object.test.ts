import { describe, expect, it } from 'vitest';
import { compareContext } from '../../core/diff/context.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { defaultSettings } from '../../core/settings/settings.ts';
import type { TrackingMethod } from '../../core/sync/tracking/tracking.ts';
import { comparablePair } from './compare-object.ts';

const trackingId = 'argocd.argoproj.io/tracking-id';
const label = 'app.kubernetes.io/instance';
const unconverted = { inVersion: async (live: Manifest) => live };

/** An object of application `app` under both kinds of marks, or under one of them. */
function marked(metadata: Pick<Manifest['metadata'], 'annotations' | 'labels'>): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'n', ...metadata } };
}

const annotated = marked({ annotations: { [trackingId]: 'app:/ConfigMap:n/a' } });
const labelled = marked({ labels: { [label]: 'app' } });

describe('cluster/compare/compare-object', () => {
  it.each<[TrackingMethod, Manifest, Manifest]>([
    ['label', labelled, annotated],
    ['annotation', annotated, labelled],
  ])(
    'looks past marks of another method than %s on an object of the application',
    async (method, desired, live) => {
      const settings = { ...defaultSettings, tracking: { method } };
      const of = (instance: string) => compareContext(settings, { annotations: {}, spec: {} }, instance);
      const { desired: aligned } = await comparablePair(unconverted, desired, live, of('app'));
      expect(aligned.metadata.annotations ?? {}).toEqual(live.metadata.annotations ?? {});
      expect(aligned.metadata.labels ?? {}).toEqual(live.metadata.labels ?? {});
      const others = await comparablePair(unconverted, desired, live, of('other'));
      expect(others.desired).toEqual(desired);
    },
  );

  it('compares with the live object in the version that is desired', async () => {
    const asked: string[] = [];
    const conversions = {
      async inVersion(live: Manifest, apiVersion: string) {
        asked.push(apiVersion);
        return { ...live, apiVersion };
      },
    };
    const context = compareContext(defaultSettings, { annotations: {}, spec: {} }, 'app');
    const desired = { ...annotated, apiVersion: 'v2' };
    const pair = await comparablePair(conversions, desired, annotated, context);
    expect(pair.live.apiVersion).toBe('v2');
    expect(asked).toEqual(['v2']);
  });
});
