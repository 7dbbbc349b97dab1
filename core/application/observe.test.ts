import { describe, expect, it } from 'vitest';
import { ignoreHealthcheckAnnotation } from '../object/annotations.ts';
import type { Manifest } from '../object/manifest/manifest.ts';
import { type ComparedObject, resourceStatusOf, type SeenObject } from './compared.ts';
import { type ObservedFacts, observe, withoutVerdict } from './observe.ts';

const key = { group: 'apps', kind: 'Deployment', namespace: 'prod', name: 'web' };
const manifest: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'prod' },
};
const live: Manifest = { ...manifest, metadata: { ...manifest.metadata, uid: 'u' } };
const equal: SeenObject = {
  key,
  desired: manifest,
  live,
  hook: false,
  copied: false,
  verdict: { changed: false },
};
const failure = { error: new Error('no'), problem: 'Deployment prod/web: no', isOutage: false };
const healthy = { status: 'Healthy' } as const;

const { verdict: _, ...unjudged } = equal;

function compared(seen: SeenObject, health: ComparedObject['health'] = healthy): ComparedObject {
  return { ...seen, health, extraneous: false, status: resourceStatusOf(seen, health) };
}

function shown(changes: Partial<SeenObject>, health?: ComparedObject['health']): ComparedObject {
  return compared({ ...equal, ...changes }, health);
}

describe('core/application/compared', () => {
  it.each<[string, SeenObject, object]>([
    ['equal', equal, { status: 'Synced' }],
    ['different', { ...equal, verdict: { changed: true } }, { status: 'OutOfSync' }],
    ['missing', { ...unjudged, live: undefined }, { status: 'OutOfSync', health: { status: 'Missing' } }],
    ['not compared', unjudged, { status: 'Unknown' }],
    ['not comparable', { ...unjudged, failure }, { status: 'Unknown', health: healthy }],
    [
      'unreadable',
      { ...unjudged, live: undefined, failure },
      { status: 'Unknown', health: { status: 'Unknown', message: failure.problem } },
    ],
    ['undesired', { ...unjudged, desired: undefined }, { status: 'OutOfSync', requiresPruning: true }],
  ])('tells the status of an object that is %s', (_what, seen, expected) => {
    const reference = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'prod', name: 'web' };
    expect(resourceStatusOf(seen, healthy)).toEqual({ health: healthy, ...reference, ...expected });
  });

  it.each<[string, SeenObject]>([
    ['a hook', { ...unjudged, hook: true }],
    ['a missing hook', { ...unjudged, hook: true, live: undefined }],
    ['an unreadable hook', { ...unjudged, hook: true, live: undefined, failure }],
    ['a copy under a desired key', { ...unjudged, copied: true }],
    ['a copy that nobody desires', { ...unjudged, desired: undefined, copied: true }],
  ])('has no sync status for %s', (_what, seen) => {
    const status = resourceStatusOf(seen, undefined);
    expect(status).not.toHaveProperty('status');
    expect(status).not.toHaveProperty('requiresPruning');
    expect(status.hook).toBe(seen.hook || undefined);
  });

  it('shows the wave of an object, and no empty group or namespace', () => {
    const annotations = { 'argocd.argoproj.io/sync-wave': '3' };
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', annotations } };
    const seen = { ...equal, desired: node, live: node };
    expect(resourceStatusOf(seen, undefined)).toEqual({
      version: 'v1',
      kind: 'Node',
      name: 'n',
      syncWave: 3,
      status: 'Synced',
    });
  });
});

describe('core/application/observe', () => {
  const facts: ObservedFacts = {
    objects: [shown({})],
    isRendered: true,
    renderError: null,
    namespaceDiffers: false,
  };
  const extra = shown({ desired: undefined });
  const outage = compared({ ...unjudged, failure: { ...failure, isOutage: true } });
  const unread = compared(unjudged);

  it.each<[string, ComparedObject[], Partial<ObservedFacts>, string]>([
    ['nothing differs', [shown({})], {}, 'Synced'],
    ['an object differs', [shown({}), shown({ verdict: { changed: true } })], {}, 'OutOfSync'],
    ['an object is to be pruned', [extra], {}, 'OutOfSync'],
    ['an extraneous object may stay', [{ ...extra, extraneous: true }], {}, 'Synced'],
    ['the destination namespace differs', [shown({})], { namespaceDiffers: true }, 'OutOfSync'],
    ['an object could not be compared', [unread], {}, 'Unknown'],
    ['one differs and another could not be compared', [unread, extra], {}, 'OutOfSync'],
    ['the cluster answers nobody', [outage, extra], {}, 'Unknown'],
    ['a rule can not be run', [extra], { fault: 'jq' }, 'Unknown'],
    ['the newest state could not be rendered', [shown({})], { renderError: 'no' }, 'Unknown'],
    ['nothing was ever rendered', [], { isRendered: false }, 'Unknown'],
  ])('where %s', (_what, objects, changes, syncStatus) => {
    expect(observe({ ...facts, objects, ...changes }).syncStatus).toBe(syncStatus);
  });

  it('keeps no verdict of an object where the state as a whole is not known', () => {
    const { resources } = observe({ ...facts, objects: [extra, shown({ hook: true })], renderError: 'no' });
    expect(resources[0]).toMatchObject({ status: 'Unknown' });
    expect(resources[0]).not.toHaveProperty('requiresPruning');
    expect(resources[1]).not.toHaveProperty('status');
    expect(withoutVerdict({ status: 'OutOfSync', requiresPruning: true })).toEqual({ status: 'Unknown' });
  });

  it('is as healthy as its worst object, hooks and those that ask for it left out', () => {
    const ignored = {
      ...live,
      metadata: { ...live.metadata, annotations: { [ignoreHealthcheckAnnotation]: 'true' } },
    };
    const objects = [
      shown({}, { status: 'Progressing' }),
      shown({ hook: true }, { status: 'Degraded' }),
      shown({ live: ignored }, { status: 'Degraded' }),
    ];
    expect(observe({ ...facts, objects })).toMatchObject({
      healthStatus: 'Progressing',
      healthMessage: 'Caused by apps/Deployment:prod/web',
    });
    expect(observe({ ...facts, objects: [shown({})] })).toMatchObject({ healthMessage: null });
    expect(observe({ ...facts, objects, isRendered: false }).healthStatus).toBe('Unknown');
    expect(observe({ ...facts, objects: [shown({ live: undefined })] }).healthStatus).toBe('Missing');
    expect(observe({ ...facts, objects: [shown({ live: undefined, failure })] }).healthStatus).toBe(
      'Unknown',
    );
  });

  it('lists each image once, of pod templates and of pods', () => {
    const containers = [{ image: 'b' }, { image: 'a' }];
    const spec = { containers, initContainers: [{ image: 'c' }] };
    const objects = [
      shown({ live: { ...live, spec: { template: { spec } } } }),
      shown({ live: { ...live, spec: { containers } } }),
      shown({ live: undefined }),
    ];
    expect(observe({ ...facts, objects }).summary).toEqual({ images: ['a', 'b', 'c'] });
    expect(observe(facts).summary).toEqual({});
  });

  it('lists as many objects as a row may hold', () => {
    const objects = Array.from({ length: 5001 }, () => shown({}));
    expect(observe({ ...facts, objects }).resources).toHaveLength(5000);
  });
});
