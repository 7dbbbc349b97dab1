import { describe, expect, it } from 'vitest';
import { readSettings } from '../../core/settings/words/read-settings.ts';
import { listingSecondsOf, renderLastsSeconds, renderLimitsOf, untilDueSeconds } from './pace.ts';

const own = { reconcileSeconds: 180, listingSeconds: 60, toolSeconds: 90 };
const under = (cm: Record<string, string>, params: Record<string, string> = {}) => {
  const { settings } = readSettings({ 'argocd-cm': cm, 'argocd-cmd-params-cm': params });
  return { ...own, settings: { current: () => settings } };
};
const drawn = (deps: Parameters<typeof untilDueSeconds>[0]) =>
  Array.from({ length: 200 }, () => untilDueSeconds(deps));

describe('the pace of what is looked at again', () => {
  it('is the settings’ interval with their jitter, before the worker’s own', () => {
    const times = drawn(under({ 'timeout.reconciliation': '300s', 'timeout.reconciliation.jitter': '10' }));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(300);
    expect(Math.max(...times)).toBeLessThan(310);
    expect(Math.max(...times)).toBeGreaterThan(Math.min(...times));
    const without = drawn(under({}));
    expect(Math.min(...without)).toBeGreaterThanOrEqual(180);
    expect(Math.max(...without)).toBeGreaterThan(200);
    expect(Math.max(...without)).toBeLessThan(240);
  });

  it('is pushes and requests alone at an interval of 0', () => {
    expect(untilDueSeconds(under({ 'timeout.reconciliation': '0s' }))).toBeGreaterThan(86_400);
  });

  it('ends a render with the hard interval, and an impure one with the shorter of both', () => {
    expect(renderLastsSeconds(under({}), false)).toBeUndefined();
    expect(renderLastsSeconds(under({}), true)).toBe(180);
    const hard = under({ 'timeout.hard.reconciliation': '1h' });
    expect(renderLastsSeconds(hard, false)).toBe(3600);
    expect(renderLastsSeconds(hard, true)).toBe(180);
    expect(renderLastsSeconds({ ...under({}), hardReconcileSeconds: 60 }, false)).toBe(60);
    expect(renderLastsSeconds({ ...hard, hardReconcileSeconds: 60 }, false)).toBe(3600);
  });

  it('bounds sources as the settings say', () => {
    const deps = under(
      {},
      {
        'reposerver.git.request.timeout': '15s',
        'controller.repo.server.timeout.seconds': '30',
        'reposerver.max.combined.directory.manifests.size': '2M',
      },
    );
    expect(listingSecondsOf(deps)).toBe(15);
    expect(renderLimitsOf(deps)).toMatchObject({ timeoutSeconds: 30, maxDirectoryBytes: 2_000_000 });
    expect(listingSecondsOf(under({}))).toBe(60);
    expect(renderLimitsOf(under({}))).toMatchObject({ timeoutSeconds: 90, maxDirectoryBytes: 10_000_000 });
    // A longer one doesn't let a program run on.
    expect(
      renderLimitsOf(under({}, { 'controller.repo.server.timeout.seconds': '300' })).timeoutSeconds,
    ).toBe(90);
    expect(renderLimitsOf({ ...under({}), toolSeconds: 180 }).timeoutSeconds).toBe(180);
  });
});
