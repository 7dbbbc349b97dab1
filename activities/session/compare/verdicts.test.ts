import { describe, expect, it } from 'vitest';
import { compareContext } from '../../../core/diff/context.ts';
import { KeelsonError } from '../../../core/errors.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { defaultSettings } from '../../../core/settings/settings.ts';
import { createVerdicts } from './verdicts.ts';

const live: Manifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', namespace: 'n', uid: 'u', resourceVersion: '1' },
  data: { a: '1' },
};
const desired = { manifest: { ...live, metadata: { name: 'x', namespace: 'n' } }, digest: 'd' };
const context = compareContext(defaultSettings, { annotations: {}, spec: {} }, 'app');
const webhook: Manifest = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'w', uid: 'w', generation: 1 },
};

function setUp(answer: () => Promise<Manifest> = () => Promise.resolve(live)) {
  let asked = 0;
  let time = 0;
  let running = 0;
  let mostRunning = 0;
  const client = {
    get: () => Promise.resolve(undefined),
    patch: () => Promise.resolve(live),
    discover: () => Promise.resolve({ resources: [], failures: [] }),
    async applyServerSide() {
      asked++;
      mostRunning = Math.max(mostRunning, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return answer();
    },
  };
  const jq = {
    remove: (manifest: Manifest) => Promise.resolve(manifest),
    faultOf: () => Promise.resolve(undefined),
  };
  const verdicts = createVerdicts(
    { client, jq },
    () => time,
    () => 0,
  );
  return {
    verdicts,
    asked: () => asked,
    mostRunning: () => mostRunning,
    wait: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

describe('activities/session/verdicts', () => {
  it('asks once for the same contents, whatever the resource version', async () => {
    const { verdicts, asked } = setUp();
    const later = { ...live, metadata: { ...live.metadata, resourceVersion: '2' }, status: { x: 1 } };
    const found = [
      await verdicts.compare(desired, live, context),
      await verdicts.compare(desired, later, context),
    ];
    expect(found).toEqual([{ changed: false }, { changed: false }]);
    expect(asked()).toBe(1);
    await verdicts.compare(desired, { ...live, data: { a: '2' } }, context);
    expect(asked()).toBe(2);
  });

  it('asks again under other rules, after its time, and when admission changed', async () => {
    const { verdicts, asked, wait } = setUp();
    const ask = (under = context) => verdicts.compare(desired, live, under);
    await ask();
    const spec = { ignoreDifferences: [{ kind: 'ConfigMap', jsonPointers: ['/data'] }] };
    await ask(compareContext(defaultSettings, { annotations: {}, spec }, 'app'));
    expect(asked()).toBe(2);
    wait(29 * 60 * 1000);
    await ask();
    expect(asked()).toBe(2);
    wait(2 * 60 * 1000);
    await ask();
    expect(asked()).toBe(3);
    verdicts.objectChanged(webhook);
    await ask();
    expect(asked()).toBe(4);
    verdicts.objectChanged(webhook);
    verdicts.objectChanged({ ...live });
    await ask();
    expect(asked()).toBe(4);
    verdicts.objectChanged({ ...webhook, metadata: { ...webhook.metadata, generation: 2 } });
    await ask();
    expect(asked()).toBe(5);
  });

  it('does not remember a failure that may pass', async () => {
    let fail = true;
    const { verdicts } = setUp(() =>
      fail
        ? Promise.reject(new KeelsonError('unavailable', 'later', { retryable: true }))
        : Promise.resolve(live),
    );
    await expect(verdicts.compare(desired, live, context)).rejects.toThrow('later');
    fail = false;
    expect(await verdicts.compare(desired, live, context)).toEqual({ changed: false });
  });

  it('judges by itself where the API server refuses for good', async () => {
    const refused = () => Promise.reject(new KeelsonError('forbidden', 'no patch for you'));
    const { verdicts } = setUp(refused);
    expect(await verdicts.compare(desired, live, context)).toEqual({
      changed: false,
      reason: 'no patch for you',
    });
    const other = { manifest: { ...desired.manifest, data: { a: '2' } }, digest: 'e' };
    expect(await verdicts.compare(other, live, context)).toEqual({
      changed: true,
      reason: 'no patch for you',
    });
  });

  it('asks a bounded number of times at once', async () => {
    const { verdicts, asked, mostRunning } = setUp();
    const all = Array.from({ length: 50 }, (_, number) =>
      verdicts.compare({ ...desired, digest: `d${number}` }, live, context),
    );
    await Promise.all(all);
    expect(asked()).toBe(50);
    expect(mostRunning()).toBe(10);
  });
});
