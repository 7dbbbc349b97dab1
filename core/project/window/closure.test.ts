import { describe, expect, it } from 'vitest';
import type { EffectiveProject } from '../effective.ts';
import type { SyncWindow } from '../project.ts';
import { closureOf, shownWindows, windowsOfProject } from './closure.ts';
import { openWindows, type WindowQuestion } from './decision.ts';

/** In the night of a Thursday. */
const at = Date.parse('2026-01-01T23:00:00Z');
const nights: SyncWindow = { kind: 'deny', schedule: '0 22 * * *', duration: '8h', applications: ['*'] };
const question = (more: Partial<WindowQuestion> = {}): WindowQuestion => ({ at, manual: false, ...more });
const blocked = 'cannot sync: blocked by sync window: deny "0 22 * * *" for 8h (UTC) denies it now';

describe('core/project/window/closure', () => {
  it('is none where the windows allow the sync', () => {
    expect(closureOf(openWindows([]), question())).toBeUndefined();
    expect(closureOf(openWindows([nights]), question({ at: at - 2 * 3_600_000 }))).toBeUndefined();
    const manual = [{ ...nights, manualSync: true }];
    expect(closureOf(openWindows(manual), question({ manual: true }))).toBeUndefined();
    expect(closureOf(openWindows(manual), question())).toBeDefined();
  });

  it('says in words until when, and gives the very instant', () => {
    const opensAt = Date.parse('2026-01-02T06:00:00Z');
    expect(closureOf(openWindows([nights]), question())).toEqual({
      message: `${blocked}, and syncs are allowed from 2026-01-02T06:00:00Z on`,
      opensAt,
      askAt: opensAt,
    });
    expect(closureOf(openWindows([nights]), question({ at: opensAt }))).toBeUndefined();
    expect(closureOf(openWindows([nights]), question({ at: opensAt - 1 }))).toBeDefined();
  });

  it('is told of the sync that asks: what manual syncs wait for may open earlier', () => {
    const mornings: SyncWindow = { ...nights, schedule: '0 5 * * *', duration: '4h', manualSync: true };
    const windows = openWindows([nights, mornings]);
    const opensAt = (manual: boolean) => closureOf(windows, question({ manual }))?.opensAt;
    expect(opensAt(true)).toBe(Date.parse('2026-01-02T06:00:00Z'));
    expect(opensAt(false)).toBe(Date.parse('2026-01-02T09:00:00Z'));
  });

  it('lasts over windows that follow each other, although none is active at the very start of one', () => {
    const mornings: SyncWindow = { ...nights, schedule: '0 6 * * *', duration: '2h' };
    const closure = closureOf(openWindows([nights, mornings]), question());
    expect(closure?.opensAt).toBe(Date.parse('2026-01-02T08:00:00Z'));
  });

  it.each([
    ['* * * * *', '2h'],
    ['0 0 * * *', '24h'],
  ])('has no time where none is in sight, and says so: "%s" for %s', (schedule, duration) => {
    const always: SyncWindow = { kind: 'deny', schedule, duration };
    const closure = closureOf(openWindows([always]), question());
    expect(closure?.message).toMatch(/denies it now, and no time is in sight at which that changes$/);
    expect(closure).not.toHaveProperty('opensAt');
    expect(closure?.askAt).toBeGreaterThan(at);
  });

  it('has no time for a window that cannot be read, and says what to correct', () => {
    const closure = closureOf(openWindows([{ ...nights, schedule: '0 25 * * *' }]), question());
    expect(closure?.message).toMatch(/^cannot sync: a sync window cannot be read: schedule .*out of range/);
    expect(closure).not.toHaveProperty('opensAt');
  });

  it('lets run on what started while it was allowed, by windows with syncOverrun alone', () => {
    const startedAt = Date.parse('2026-01-01T21:59:00Z');
    const overrun = openWindows([{ ...nights, syncOverrun: true }]);
    expect(closureOf(overrun, question({ startedAt }))).toBeUndefined();
    expect(closureOf(overrun, question({ startedAt: at }))).toBeDefined();
    expect(closureOf(openWindows([nights]), question({ startedAt }))).toBeDefined();
  });
});

describe('the windows of a project', () => {
  const target = { name: 'web', namespace: 'prod', server: 'https://k', cluster: 'in-cluster' };
  const metadata = { name: 'team' };
  const project = (syncWindows: SyncWindow[]): EffectiveProject => ({
    usable: true,
    project: {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata,
      spec: { syncWindows },
    },
    clusters: [],
  });

  it('are those that fit the application, by its cluster under both names', () => {
    const windows = [
      nights,
      { ...nights, applications: ['api'] },
      { ...nights, applications: [], clusters: ['in-*'] },
      { ...nights, applications: [], clusters: ['https://k'] },
      { ...nights, applications: [], namespaces: ['dev'] },
    ];
    const { opened } = windowsOfProject(project(windows), target);
    expect(opened.map(({ window }) => windows.indexOf(window))).toEqual([0, 2, 3]);
  });

  it('are none where nobody can go by the project, which refuses every write itself', () => {
    const unusable: EffectiveProject = { usable: false, reason: 'missing', message: 'project is missing' };
    expect(windowsOfProject(unusable, target)).toEqual(openWindows([]));
  });

  it('are shown with those that are active at the moment', () => {
    const days: SyncWindow = { kind: 'allow', schedule: '0 8 * * *', duration: '8h' };
    const broken: SyncWindow = { ...nights, duration: 'long' };
    expect(shownWindows(openWindows([nights, days, broken]), at)).toEqual({
      assigned: [nights, days, broken],
      active: [nights],
    });
  });
});
