import { describe, expect, it } from 'vitest';
import { parseSyncOptions } from '../options/options.ts';
import { live, options, plan } from '../plan/plan-sync-cases.ts';
import { approvalReason, isApproved, needsDeletionApproval } from './approval.ts';

const since = new Date('2026-05-01T10:00:00.750Z');

describe('core/sync/approval', () => {
  it.each<[string | undefined, boolean]>([
    ['2026-05-01T10:00:00Z', true],
    ['2026-05-01T10:00:01Z', true],
    ['2026-05-01T12:00:00.5+02:00', true],
    ['2026-05-01T09:59:59Z', false],
    ['2026-05-01T10:00:00+02:00', false],
    ['2026-05-01', false],
    ['yes', false],
    ['true', false],
    ['', false],
    [undefined, false],
  ])('takes an approval at %s for one since the operation started: %s', (text, approved) => {
    expect(isApproved(text, since)).toBe(approved);
  });

  it('names what waits for the approval', () => {
    const annotations = { [options]: 'Prune=confirm' };
    const { steps } = plan({
      live: [live('Service', 'a', { annotations }), live('Secret', 'b', { annotations })],
    });
    const waiting = 'waiting for pruning confirmation of /Secret/b';
    expect(approvalReason(steps, 'app')).toBe(`${waiting} and 1 more resources`);
    expect(approvalReason(steps.slice(0, 1), 'app')).toBe(waiting);
    expect(approvalReason([], 'app')).toBe('');
    const strangers = plan({ live: [{ ...live('Secret', 'b'), stranger: true }] }).steps;
    expect(approvalReason(strangers, 'app')).toBe(
      `${waiting}; this installation has never applied Secret prod/b, so another one may own it: ` +
        'confirm with keelson app confirm-deletion app, or terminate the operation',
    );
  });

  it.each<[string, string | undefined, string | undefined, readonly string[], boolean]>([
    ['the desired object', 'Prune=confirm', undefined, [], true],
    ['the live object', undefined, 'Delete=confirm', [], true],
    ['the application', undefined, '', ['Delete=confirm'], true],
    ['nobody', '', '', [], false],
    ['the application, and the object overrules it', undefined, 'Prune=true', ['Prune=confirm'], false],
  ])('requires a confirmation when asked by %s', (_name, desired, found, application, expected) => {
    const object = (text: string | undefined) =>
      text === undefined ? undefined : { metadata: { annotations: { [options]: text } } };
    const parsed = parseSyncOptions(application);
    expect(needsDeletionApproval(object(desired), object(found), parsed)).toBe(expected);
  });
});
