import { describe, expect, it } from 'vitest';
import type { ApplicationStatus } from '../../application/status.ts';
import { mergePatch } from '../../object/json/merge-patch.ts';
import { statusPatch } from './status-patch.ts';

const status: ApplicationStatus = {
  sync: { status: 'Synced', revision: 'abc' },
  health: { status: 'Healthy' },
  summary: {},
  reconciledAt: '2026-11-30T21:00:10Z',
  controllerNamespace: 'argocd',
};
const written = { ...status, observedAt: status.reconciledAt };

describe('what is written of a status', () => {
  it('is all of it into an object without one', () => {
    expect(statusPatch(undefined, { status })).toEqual({ status: written });
  });

  it('is nothing where it stands there already', () => {
    expect(statusPatch(written, { status })).toBeUndefined();
  });

  it('is what differs, with nulls for what vanished and for what others wrote', () => {
    const live = {
      ...written,
      health: { status: 'Degraded', message: 'old' },
      sourceHydrator: { currentOperation: {} },
    };
    expect(statusPatch(live, { status })).toEqual({
      status: { health: { status: 'Healthy', message: null }, sourceHydrator: null },
    });
  });

  it('overwrites what is of no shape', () => {
    expect(statusPatch('stale', { status })).toEqual({ status: written });
    const live = { ...written, sync: ['stale'] };
    expect(mergePatch({ status: live }, statusPatch(live, { status }))).toEqual({ status: written });
  });

  it.each([
    ['another look that nobody asked for', undefined, false],
    ['a look that was asked for', new Date('2026-11-30T21:00:09.5Z'), true],
    [
      'a look that was asked for within the second of the one before',
      new Date('2026-11-30T21:00:05.9Z'),
      true,
    ],
    ['one that was asked for before the last', new Date('2026-11-30T21:00:04.9Z'), false],
  ])('is the time of %s: %#', (_, refreshedAt, isWritten) => {
    const before = '2026-11-30T21:00:05Z';
    const live = { ...written, reconciledAt: before, observedAt: before };
    const times = { reconciledAt: status.reconciledAt, observedAt: status.reconciledAt };
    expect(statusPatch(live, { status, refreshedAt })).toEqual(isWritten ? { status: times } : undefined);
  });

  it.each([
    ['from the future', { reconciledAt: '2099-01-01T00:00:00Z', observedAt: '2099-01-01T00:00:00Z' }],
    ['that is none', { reconciledAt: 'never', observedAt: 'never' }],
    ['that is not there', { reconciledAt: undefined, observedAt: undefined }],
    [
      'that differs from the other',
      { reconciledAt: '2026-11-30T21:00:05Z', observedAt: '2020-01-01T00:00:00Z' },
    ],
  ])('is our time over one %s', (_, times) => {
    const patch = statusPatch({ ...written, ...times }, { status });
    expect(mergePatch({ status: { ...written, ...times } }, patch)).toEqual({ status: written });
  });

  it('is written once, although a merge patch can not write nulls', () => {
    const source = { repoURL: 'x', helm: { valuesObject: { gone: null, kept: 1 } } };
    const nulls = { ...status, sync: { status: 'Synced' as const, comparedTo: { destination: {}, source } } };
    const first = statusPatch(undefined, { status: nulls });
    const live = mergePatch({}, first) as { status: unknown };
    expect(statusPatch(live.status, { status: nulls })).toBeUndefined();
  });
});
