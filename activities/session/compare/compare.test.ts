import { describe, expect, it } from 'vitest';
import { liveFingerprintSource } from '../../../core/diff/compare.ts';
import { compareContext } from '../../../core/diff/context.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import { defaultSettings } from '../../../core/settings/settings.ts';
import { compareDesired, compareUndesired, type Judges } from './compare.ts';

const manifest: Manifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'a',
    namespace: 'n',
    annotations: { 'argocd.argoproj.io/tracking-id': 'app:/ConfigMap:n/a' },
  },
};
const live: Manifest = { ...manifest, metadata: { ...manifest.metadata, uid: 'u' } };
const copy: Manifest = { ...live, metadata: { ...live.metadata, name: 'b' } };
const hook: Manifest = {
  ...manifest,
  metadata: { ...manifest.metadata, annotations: { 'argocd.argoproj.io/hook': 'PreSync' } },
};
const context = compareContext(defaultSettings, { annotations: {}, spec: {} }, 'app');
const terms = { context, fault: undefined, refusalOf: () => undefined };

/** A cluster of one object, and a count of the questions whether an apply would change it. */
function clusterWith(object: Manifest | undefined, answer: () => Promise<{ changed: boolean }>) {
  const asked: string[] = [];
  const judges: Judges = {
    view: {
      get: () => object,
      watches: () => true,
      direct: {
        get: async () => object,
        preferredResource: () => Promise.reject(new Error('not asked for')),
        resourceFor: () => Promise.reject(new Error('not asked for')),
      },
      settings: defaultSettings,
    },
    verdicts: {
      compare(desired) {
        asked.push(desired.digest);
        return answer();
      },
    },
  };
  const compare = (desired: Manifest, under = terms as Parameters<typeof compareDesired>[2]) =>
    compareDesired(judges, { manifest: desired, digest: 'd', key: keyOf(desired) }, under);
  return { asked, judges, compare };
}

const unchanged = async () => ({ changed: false });

describe('activities/session/compare/compare', () => {
  it('judges an object that is desired and live', async () => {
    const { compare, asked } = clusterWith(live, async () => ({ changed: true }));
    expect(await compare(manifest)).toMatchObject({ live, copied: false, verdict: { changed: true } });
    expect(asked).toEqual(['d']);
  });

  it.each<[string, Manifest | undefined, Manifest, string | undefined]>([
    ['that is missing', undefined, manifest, undefined],
    ['that is a hook', hook, hook, undefined],
    ['whose live id was copied from another', copy, { ...manifest, metadata: copy.metadata }, undefined],
    ['while a rule can not be run', live, manifest, 'jq'],
  ])('asks nothing about an object %s', async (_which, found, desired, fault) => {
    const { compare, asked } = clusterWith(found, unchanged);
    const seen = await compare(desired, { context, fault, refusalOf: () => undefined });
    expect(seen).not.toHaveProperty('verdict');
    expect(seen).not.toHaveProperty('failure');
    expect(seen).toMatchObject({ live: found, hook: desired === hook, copied: found === copy });
    expect(asked).toEqual([]);
  });

  it('makes a failure that of one object, and says which', async () => {
    const refused = clusterWith(live, () => Promise.reject(new KeelsonError('invalid-argument', 'no')));
    expect(await refused.compare(manifest)).toMatchObject({
      live,
      failure: { problem: 'ConfigMap n/a: no', isOutage: false },
    });
    const away = { retryable: true, transience: 'unreachable' as const };
    const unanswered = clusterWith(live, () => Promise.reject(new KeelsonError('unavailable', 'away', away)));
    expect(await unanswered.compare(manifest)).toMatchObject({ failure: { isOutage: true } });
  });

  it('says of an object that somebody has nested too deeply what it is and what to do, and works once it is done', async () => {
    const nested = (levels: number): Manifest => {
      let value: object = {};
      for (let level = 0; level < levels; level++) value = { a: value };
      return { ...live, data: value };
    };
    const compared = async (object: Manifest) =>
      await clusterWith(object, async () => ({
        changed: liveFingerprintSource(object).includes('no such text'),
      })).compare(manifest);
    expect(await compared(nested(50_000))).toMatchObject({
      failure: {
        problem:
          'ConfigMap n/a: it is nested thousands of levels deep, more than can be worked with; take what is deep out of it',
      },
    });
    expect(await compared(nested(1))).not.toHaveProperty('failure');
  });

  it('knows an undesired object from a copy of one', () => {
    const { judges } = clusterWith(live, unchanged);
    const extra = { object: live, formerlyTracked: true };
    expect(compareUndesired(judges, extra)).toMatchObject({ live, copied: false, formerlyTracked: true });
    expect(compareUndesired(judges, { ...extra, object: copy })).toMatchObject({ copied: true });
  });
});
