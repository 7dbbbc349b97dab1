import { describe, expect, it } from 'vitest';
import type { OperationView } from '../../core/wire/operation.ts';
import { running, step } from '../../test/support/keelson/operation-view.ts';
import { renderChanges } from './render-changes.ts';

const now = Date.parse('2026-01-01T00:00:05.700Z');

function view(change: Partial<OperationView> = {}): OperationView {
  return { ...running, groups: [], ...change };
}

const wait = {
  kind: 'settle',
  attempt: 1,
  phase: 'Sync',
  wave: 1,
  reason: '1 of 3 replicas are available',
  keys: [step.key],
  openedAt: '2026-01-01T00:00:03Z',
} as const;

describe('cli/render-changes', () => {
  it('tells everything at the first look and nothing when nothing has changed', () => {
    expect(renderChanges(undefined, view(), now)).toEqual([
      '2026-01-01T00:00:05Z sync of guestbook: Running',
    ]);
    expect(renderChanges(view(), view(), now)).toEqual([]);
  });

  it('tells an object once its state has changed, in columns', () => {
    const applied = view({ steps: [{ ...step, status: 'Synced', message: 'created' }] });
    const line =
      '2026-01-01T00:00:05Z apps                 Deployment     demo         web                      Synced                           created';
    expect(renderChanges(view(), applied, now)).toEqual([line]);
    expect(renderChanges(applied, applied, now)).toEqual([]);
  });

  it('shows the phase of a hook as its status and the sync phase in the hook column', () => {
    const hook = { ...step, hook: true, phase: 'PreSync', status: 'Synced', hookPhase: 'Running' } as const;
    expect(renderChanges(view(), view({ steps: [hook] }), now)[0]).toMatch(/web +Running +PreSync$/);
  });

  it('tells a wait with its reason, and again when the reason changes', () => {
    const waiting = view({ waits: [wait] });
    expect(renderChanges(view(), waiting, now)).toEqual([
      '2026-01-01T00:00:05Z waiting in Sync wave 1: 1 of 3 replicas are available',
    ]);
    expect(renderChanges(waiting, waiting, now)).toEqual([]);
    const further = view({ waits: [{ ...wait, reason: '2 of 3 replicas are available' }] });
    expect(renderChanges(waiting, further, now)).toHaveLength(1);
  });

  it('marks an object that is written while its wave waits for it as progressing', () => {
    const applied = view({ steps: [{ ...step, status: 'Synced' }], waits: [wait] });
    expect(renderChanges(view(), applied, now)[0]).toMatch(/Synced +Progressing$/);
  });

  it('tells a new attempt, and ends with the outcome', () => {
    const second = view({ attempt: 2 });
    expect(renderChanges(view(), second, now)).toEqual([
      '2026-01-01T00:00:05Z sync of guestbook: Running, attempt 2',
    ]);
    const ended = view({ phase: 'Succeeded', message: 'successfully synced' });
    expect(renderChanges(view(), ended, now)).toEqual([
      '2026-01-01T00:00:05Z sync of guestbook: Succeeded: successfully synced',
    ]);
  });
});
