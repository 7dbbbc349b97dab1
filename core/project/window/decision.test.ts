import { describe, expect, it } from 'vitest';
import type { SyncWindow } from '../project.ts';
import { decideSync, openWindows, type WindowDecision, type WindowRule } from './decision.ts';

/** At noon of a Thursday. */
const at = Date.parse('2026-01-01T12:00:00Z');
const now = { schedule: '0 11 * * *', duration: '2h' };
const later = { schedule: '0 20 * * *', duration: '2h' };

const denies: SyncWindow = { kind: 'deny', ...now };
const denied: SyncWindow = { kind: 'deny', ...later };
const allows: SyncWindow = { kind: 'allow', ...now };
const allowed: SyncWindow = { kind: 'allow', ...later };
const manual = { manualSync: true };
const overrun = { syncOverrun: true };

const decideOn = (windows: readonly SyncWindow[], question: object = {}): WindowDecision =>
  decideSync(openWindows(windows), { at, manual: false, ...question });

describe('core/project/window/decision', () => {
  it.each<[boolean, WindowRule, string, readonly SyncWindow[]]>([
    [true, 'no-window', 'none', []],
    [false, 'active-deny', 'an active deny', [denies]],
    [true, 'no-window', 'an inactive deny', [denied]],
    [true, 'active-allow', 'an active allow', [allows]],
    [false, 'inactive-allow', 'an inactive allow', [allowed]],
    [false, 'active-deny', 'a deny against an allow', [allows, denies]],
    [true, 'active-allow', 'an active allow beside an inactive one', [allowed, allows]],
    [true, 'active-allow', 'an inactive deny beside an active allow', [denied, allows]],
    [false, 'inactive-allow', 'an inactive deny beside an inactive allow', [denied, allowed]],
    [false, 'active-deny', 'an active deny that lets manual ones through', [{ ...denies, ...manual }]],
  ])('%s for automation by %s: %s', (expected, rule, _, windows) => {
    expect(decideOn(windows)).toMatchObject({ allowed: expected, rule });
  });

  it.each<[boolean, WindowRule, string, readonly SyncWindow[]]>([
    [true, 'manual', 'an active deny with manualSync', [{ ...denies, ...manual }]],
    [false, 'active-deny', 'one of two active denies with it', [{ ...denies, ...manual }, denies]],
    [
      true,
      'manual',
      'an active deny with it, though an allow without is inactive',
      [{ ...denies, ...manual }, allowed],
    ],
    [
      false,
      'active-deny',
      'an active deny without it beside an allow with it',
      [denies, { ...allows, ...manual }],
    ],
    [true, 'manual', 'an inactive allow with it', [{ ...allowed, ...manual }]],
    [false, 'inactive-allow', 'one of two inactive allows with it', [{ ...allowed, ...manual }, allowed]],
    [false, 'active-deny', 'an active deny', [denies]],
    [true, 'no-window', 'no window', []],
  ])('%s for people by %s: %s', (expected, rule, _, windows) => {
    expect(decideOn(windows, { manual: true })).toMatchObject({ allowed: expected, rule });
  });

  const before = Date.parse('2026-01-01T10:30:00Z');
  it.each<[boolean, string, readonly SyncWindow[], object]>([
    [true, 'that began before the deny, with overrun', [{ ...denies, ...overrun }], { startedAt: before }],
    [false, 'that began before the deny, without overrun', [denies], { startedAt: before }],
    [false, 'of which one deny has none', [{ ...denies, ...overrun }, denies], { startedAt: before }],
    [false, 'that has not begun', [{ ...denies, ...overrun }], {}],
    [false, 'that began within the deny', [{ ...denies, ...overrun }], { startedAt: at - 60_000 }],
    [
      true,
      'that a person began within it',
      [{ ...denies, ...overrun, ...manual }],
      { startedAt: at - 60_000, manual: true },
    ],
    [
      true,
      'that began in an allow that ended',
      [{ kind: 'allow', schedule: '0 10 * * *', duration: '1h', ...overrun }],
      { startedAt: before },
    ],
    [false, 'that began before the allow', [{ ...allowed, ...overrun }], { startedAt: before }],
  ])('%s for a sync %s', (expected, _, windows, question) => {
    expect(decideOn(windows, question).allowed).toBe(expected);
  });

  it('tells which windows refuse, and in which words', () => {
    const decision = decideOn([denied, { ...denies, timeZone: 'UTC', description: 'lunch' }]);
    expect(decision).toMatchObject({
      windows: [{ description: 'lunch' }],
      message: 'cannot sync: blocked by sync window: deny "0 11 * * *" for 2h (UTC) "lunch" denies it now',
    });
    expect(decideOn([allowed])).toMatchObject({
      message:
        'cannot sync: blocked by sync window: allow "0 20 * * *" for 2h (UTC) allows it at other times',
    });
  });

  it.each([
    { kind: 'allow', schedule: 'never', duration: '1h' },
    { kind: 'allow', schedule: '* * * * *', duration: 'long' },
    { kind: 'perhaps', schedule: '* * * * *', duration: '1h' },
    { kind: 'allow', schedule: '0 0 30 2 *', duration: '1h', manualSync: true },
  ])('refuses everybody for a window that cannot be read: %j', (window) => {
    const decision = decideOn([allows, window], { manual: true });
    expect(decision).toMatchObject({ allowed: false, rule: 'unreadable', windows: [window] });
    expect(decision).toHaveProperty(
      'message',
      expect.stringMatching(/^cannot sync: a sync window cannot be read: /),
    );
  });
});
