import { describe, expect, it } from 'vitest';
import type { PlanGroup } from '../../core/sync/plan/plan.ts';
import type { OperationView, StepView } from '../../core/wire/operation.ts';
import { running } from '../../test/support/keelson/operation-view.ts';
import { textWidth } from '../terminal/text.ts';
import { renderProgress } from './render-progress.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();

const hookGroup: PlanGroup = { phase: 'PreSync', wave: 0, first: 0, count: 1, settle: true };
const firstWave: PlanGroup = { phase: 'Sync', wave: 0, first: 1, count: 2, settle: true };
const secondWave: PlanGroup = { phase: 'Sync', wave: 1, first: 3, count: 1, settle: false };

function step(number: number, change: Partial<StepView> = {}): StepView {
  const key = { group: 'apps', kind: 'Deployment', namespace: 'demo', name: `web-${number}` };
  const base = { attempt: 1, step: number, phase: 'Sync', wave: 0, action: 'apply', hook: false } as const;
  return { ...base, key, apiVersion: 'apps/v1', ...change };
}

const written = { status: 'Synced', startedAt: at(2), finishedAt: at(2.5) } as const;
const job = { group: 'batch', kind: 'Job', namespace: 'demo', name: 'migrate' };
const hook = { phase: 'PreSync', action: 'create-hook', hook: true, key: job } as const;

function view(change: Partial<OperationView> = {}): OperationView {
  return {
    ...running,
    revision: '0123456789abcdef0123456789abcdef01234567',
    groups: [hookGroup, firstWave, secondWave],
    steps: [step(0, hook), step(1), step(2), step(3, { wave: 1 })],
    ...change,
  };
}

const done = step(0, {
  ...hook,
  status: 'Synced',
  hookPhase: 'Succeeded',
  startedAt: at(0),
  finishedAt: at(1.2),
});

describe('cli/render-progress', () => {
  it('draws an operation without a plan as one line with the revision and the time since its start', () => {
    expect(renderProgress(view({ groups: [], steps: [] }), 80, start + 4200)).toEqual([
      'sync of guestbook · 0123456 · Running · 4.2s',
    ]);
  });

  it('draws finished and coming waves as one line each and the running one with its objects', () => {
    const steps = [done, step(1, written), step(2), step(3, { wave: 1 })];
    expect(renderProgress(view({ steps }), 80, start + 3000)).toEqual([
      'sync of guestbook · 0123456 · Running · 3.0s',
      '✔ PreSync           1 object  1.2s',
      '▸ Sync wave 0       1 of 2 objects  1.0s',
      '    ✔ apps/Deployment demo/web-1  Synced',
      '    · apps/Deployment demo/web-2',
      '· Sync wave 1       1 object',
    ]);
  });

  it('says why a wave stands still, for how long, and marks what it waits for', () => {
    const steps = [done, step(1, written), step(2, written), step(3, { wave: 1 })];
    const reason = 'apps/Deployment demo/web-2: 1 of 3 replicas are available';
    const wait = { kind: 'settle', attempt: 1, phase: 'Sync', wave: 0, reason, openedAt: at(3) } as const;
    const keys = [step(2).key];
    expect(renderProgress(view({ steps, waits: [{ ...wait, keys }] }), 80, start + 5000).slice(2, 6)).toEqual(
      [
        '▸ Sync wave 0       2 of 2 objects  3.0s',
        '    ✔ apps/Deployment demo/web-1  Synced',
        '    ▸ apps/Deployment demo/web-2  Synced',
        `    waiting 2.0s: ${reason}`,
      ],
    );
    const limited = { ...wait, keys, deadline: at(10) };
    expect(renderProgress(view({ steps, waits: [limited] }), 100, start + 5000)[5]).toBe(
      `    waiting 2.0s, 5.0s left: ${reason}`,
    );
  });

  it('keeps a wave that must settle running until its wait is closed', () => {
    const steps = [done, step(1, written), step(2, written), step(3, { wave: 1 })];
    const closed = {
      kind: 'settle',
      attempt: 1,
      phase: 'Sync',
      wave: 0,
      reason: 'x',
      keys: [],
      openedAt: at(3),
    } as const;
    expect(renderProgress(view({ steps }), 80, start)[2]).toMatch(/^▸ Sync wave 0/);
    const after = view({ steps, waits: [{ ...closed, closedAt: at(4) }] });
    expect(renderProgress(after, 80, start)[2]).toBe('✔ Sync wave 0       2 objects  2.0s');
  });

  it('keeps a hook running until its work has ended', () => {
    const running = step(0, { ...hook, status: 'Synced', hookPhase: 'Running', startedAt: at(0) });
    expect(renderProgress(view({ steps: [running] }), 80, start + 1000).slice(1, 3)).toEqual([
      '▸ PreSync           0 of 1 object  1.0s',
      '    ▸ batch/Job demo/migrate  Running',
    ]);
  });

  it('draws what failed with its message, and ends with the outcome', () => {
    const refused = { ...written, status: 'SyncFailed', message: 'field is immutable' } as const;
    const failed = view({
      phase: 'Failed',
      message: 'one or more objects failed to apply',
      finishedAt: at(4),
      steps: [done, step(1, written), step(2, refused), step(3, { wave: 1 })],
    });
    expect(renderProgress(failed, 80, start + 60_000)).toEqual([
      'sync of guestbook · 0123456 · Failed · 4.0s',
      '✔ PreSync           1 object  1.2s',
      '✖ Sync wave 0       2 objects  500ms',
      '    ✖ apps/Deployment demo/web-2  SyncFailed: field is immutable',
      '· Sync wave 1       1 object',
      '✖ Failed: one or more objects failed to apply',
    ]);
  });

  it('draws SyncFail hooks only once one of them has begun', () => {
    const failureGroups: PlanGroup[] = [{ phase: 'SyncFail', wave: 0, first: 4, count: 1, settle: true }];
    const rescue = { ...hook, phase: 'SyncFail' } as const;
    const idle = view({ failureGroups, steps: [step(4, rescue)] });
    expect(renderProgress(idle, 80, start).join('\n')).not.toContain('SyncFail');
    const begun = view({ failureGroups, steps: [step(4, { ...rescue, startedAt: at(1) })] });
    expect(renderProgress(begun, 80, start).join('\n')).toContain('▸ SyncFail');
  });

  it('shows the attempt and the wait for a retry', () => {
    const wait = {
      kind: 'retry',
      attempt: 1,
      reason: 'attempt 1 failed, attempt 2 of 3 is next',
      keys: [],
      openedAt: at(1),
    } as const;
    const lines = renderProgress(
      view({ attempt: 2, steps: [], waits: [{ ...wait, deadline: at(6) }] }),
      80,
      start + 2000,
    );
    expect(lines[0]).toContain('attempt 2');
    expect(lines.at(-1)).toBe('    waiting 1.0s, 4.0s left: attempt 1 failed, attempt 2 of 3 is next');
  });

  it('leaves results of an earlier attempt out', () => {
    const steps = [step(1, written), step(2, written)];
    expect(renderProgress(view({ attempt: 2, steps }), 80, start)[2]).toMatch(/^· Sync wave 0/);
  });

  it('keeps many waves and many objects within a screen', () => {
    const groups = Array.from({ length: 40 }, (_, wave): PlanGroup => {
      return { phase: 'Sync', wave, first: wave * 30, count: 30, settle: false };
    });
    const steps = Array.from({ length: 640 }, (_, number) => step(number, number < 615 ? written : {}));
    const lines = renderProgress(view({ groups, steps }), 80, start + 5000);
    expect(lines).toHaveLength(23);
    expect(lines).toContain('✔ 16 earlier waves');
    expect(lines).toContain('· 15 later waves');
    expect(lines).toContain('      … 20 more');
    expect(lines.filter((line) => line.startsWith('    · '))).toHaveLength(10);
  });

  it('gives a long reason three lines', () => {
    const wait = {
      kind: 'session',
      attempt: 1,
      reason: 'word '.repeat(40),
      keys: [],
      openedAt: at(0),
    } as const;
    const lines = renderProgress(view({ groups: [], steps: [], waits: [wait] }), 44, start);
    expect(lines.slice(1)).toEqual([
      '    waiting 0ms: word word word word word',
      '      word word word word word word word',
      '      word word word word word word word wo…',
    ]);
  });

  it('never draws wider than the terminal or lets a message steer it', () => {
    const refused = {
      ...written,
      status: 'SyncFailed',
      message: `bad\u001b[2J\nline ${'漢'.repeat(80)}`,
    } as const;
    const lines = renderProgress(view({ steps: [step(1, refused)] }), 40, start);
    expect(lines.every((line) => textWidth(line) <= 40)).toBe(true);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not appear
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f]/);
  });
});
