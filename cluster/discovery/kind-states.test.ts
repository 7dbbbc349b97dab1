import { describe, expect, it, vi } from 'vitest';
import { createKindStates } from './kind-states.ts';
import type { ApiResource } from './resource.ts';

function resource(kind: string): ApiResource {
  const plural = `${kind.toLowerCase()}s`;
  return {
    group: '',
    version: 'v1',
    apiVersion: 'v1',
    kind,
    plural,
    namespaced: true,
    preferred: true,
    verbs: ['list', 'watch'],
  };
}

const [pods, services, secrets] = [resource('Pod'), resource('Service'), resource('Secret')];
const broken = { state: 'retrying', reason: 'connection refused' } as const;

describe('cluster/kind-states', () => {
  it('tells of an outage while no kind that may be read can be', () => {
    const states = createKindStates();
    expect(states.outage()).toBeUndefined();
    states.set(secrets, { state: 'skipped', reason: 'forbidden' });
    expect(states.outage()).toBeUndefined();
    states.set(pods, { state: 'watching' });
    states.set(services, broken);
    expect(states.outage()).toBeUndefined();
    states.set(pods, broken);
    const outage = states.outage();
    expect(outage).toEqual({ since: expect.any(Date), reason: 'connection refused' });

    // Only trying says nothing yet.
    states.set(pods, { state: 'listing' });
    expect(states.outage()).toEqual(outage);
    states.touched(pods);
    expect(states.outage()).toBeUndefined();
    states.set(pods, broken);
    states.set(services, { state: 'watching' });
    expect(states.outage()).toBeUndefined();
  });

  it('begins when the last of the kinds broke, however often they are tried since', async () => {
    const states = createKindStates();
    states.set(pods, broken);
    await expect.poll(() => Date.now()).toBeGreaterThan(Date.now());
    const before = Date.now();
    states.set(services, broken);
    const since = states.outage()?.since.getTime();
    expect(since).toBeGreaterThanOrEqual(before);
    await expect.poll(() => Date.now()).toBeGreaterThan(Date.now());
    states.set(services, broken);
    states.set(pods, broken);
    expect(states.outage()?.since.getTime()).toBe(since);
  });

  it('has lasted as long as it has, whatever becomes of the clock meanwhile', () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    try {
      const states = createKindStates();
      states.set(pods, broken);
      vi.advanceTimersByTime(6000);
      expect(states.outage(7000)).toBeUndefined();
      vi.setSystemTime(Date.now() - 3_600_000);
      expect(states.outage(5000)).toMatchObject({ reason: 'connection refused' });
    } finally {
      vi.useRealTimers();
    }
  });
});
