import { describe, expect, it } from 'vitest';
import { presumeWait, type WaitFacts } from './presumed-wait.ts';

const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);

const rendering: WaitFacts = {
  phase: 'Running',
  attempt: 1,
  requestedAt: at(0),
  startedAt: at(1),
  now: at(30),
  deadline: null,
  sources: [{ repoURL: 'https://git.example/app', targetRevision: 'main' }],
  revisions: [],
  planned: false,
  waits: [],
  secondsSinceWorker: 1,
};

const open = { kind: 'session', attempt: 1, reason: 'x', keys: [], openedAt: at(2).toISOString() } as const;

describe('core/sync/presumed-wait', () => {
  it('names the render while an attempt has no plan and nothing else is known', () => {
    expect(presumeWait(rendering)).toMatchObject({
      kind: 'render',
      reason: 'waiting for the render of https://git.example/app at main',
      openedAt: at(1).toISOString(),
    });
    expect(presumeWait({ ...rendering, revisions: ['v2'], deadline: at(60) })).toMatchObject({
      reason: 'waiting for the render of https://git.example/app at v2',
      deadline: at(60).toISOString(),
    });
  });

  it('counts a later attempt from the end of the pause before it', () => {
    const pause = { ...open, kind: 'retry', attempt: 2, closedAt: at(20).toISOString() } as const;
    expect(presumeWait({ ...rendering, attempt: 2, waits: [pause] })).toMatchObject({
      attempt: 2,
      openedAt: at(20).toISOString(),
    });
  });

  it('says nothing that a row says better, nothing once there is a plan, and nothing too early', () => {
    expect(presumeWait({ ...rendering, waits: [open] })).toBeUndefined();
    expect(presumeWait({ ...rendering, planned: true })).toBeUndefined();
    expect(presumeWait({ ...rendering, phase: 'Terminating' })).toBeUndefined();
    expect(presumeWait({ ...rendering, now: at(2) })).toBeUndefined();
  });

  it('names the missing worker before anything else, since nothing moves without one', () => {
    const silent = { ...rendering, planned: true, waits: [open], secondsSinceWorker: 42 };
    expect(presumeWait(silent)).toMatchObject({
      kind: 'worker',
      reason: expect.stringMatching(/^waiting for a worker: none has been heard of for 42 seconds/),
    });
    expect(presumeWait({ ...rendering, secondsSinceWorker: undefined })?.reason).toContain(
      'none has ever been',
    );
    expect(presumeWait({ ...rendering, phase: 'Requested', startedAt: null })).toMatchObject({
      kind: 'worker',
      reason: 'waiting for a worker to take the operation up',
    });
  });
});
