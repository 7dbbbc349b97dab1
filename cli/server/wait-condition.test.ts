import { describe, expect, it } from 'vitest';
import { Application } from '../../core/application/spec/spec.ts';
import { isAsWanted, isOperating, missingWords, type WaitFor, withDefaults } from './wait-condition.ts';

function application(status: object, operation?: object): Application {
  return Application.parse({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'guestbook' },
    spec: { destination: {} },
    status,
    ...(operation === undefined ? {} : { operation }),
  });
}

const at = (seconds: number) => `2026-01-01T00:00:0${seconds}Z`;
const ended = { operation: { sync: {} }, phase: 'Succeeded', startedAt: at(1), finishedAt: at(5) };
const good = { sync: { status: 'Synced' }, health: { status: 'Healthy' } };

describe('cli/wait-condition', () => {
  it('counts an operation as running until the application was compared after its end', () => {
    expect(isOperating(application({}))).toBe(false);
    expect(isOperating(application({}, { sync: {} }))).toBe(true);
    expect(isOperating(application({ operationState: { ...ended, finishedAt: undefined } }))).toBe(true);
    expect(isOperating(application({ operationState: ended }))).toBe(true);
    expect(isOperating(application({ operationState: ended, reconciledAt: at(4) }))).toBe(true);
    expect(isOperating(application({ operationState: ended, reconciledAt: at(5) }))).toBe(false);
  });

  it('does not wait for a comparison after a dry run', () => {
    const operationState = { ...ended, operation: { sync: { dryRun: true } } };
    expect(isOperating(application({ operationState }))).toBe(false);
  });

  const cases: [string, WaitFor, object, boolean][] = [
    ['synced and healthy', {}, good, true],
    ['out of sync', {}, { ...good, sync: { status: 'OutOfSync' } }, false],
    [
      'out of sync while only health matters',
      { health: true },
      { ...good, sync: { status: 'OutOfSync' } },
      true,
    ],
    ['progressing', { health: true }, { health: { status: 'Progressing' } }, false],
    ['suspended', { suspended: true }, { health: { status: 'Suspended' } }, true],
    ['suspended, where healthy would do as well', { suspended: true, health: true }, good, true],
    [
      'degraded, where that ends the wait too',
      { health: true, degraded: true },
      { health: { status: 'Degraded' } },
      true,
    ],
    ['without a status yet', { sync: true }, {}, false],
  ];
  it.each(cases)('judges an application that is %s', (_, chosen, status, verdict) => {
    expect(isAsWanted(application(status), withDefaults(chosen))).toBe(verdict);
  });

  it('looks at the chosen objects instead of the whole, and takes one without health for healthy', () => {
    const bad = application({ sync: { status: 'OutOfSync' }, health: { status: 'Degraded' } });
    const wanted = { sync: true, health: true };
    expect(isAsWanted(bad, wanted, [{ sync: 'Synced', health: undefined }])).toBe(true);
    expect(isAsWanted(bad, wanted, [{ sync: undefined, health: 'Missing' }])).toBe(false);
  });

  it('says what is missing', () => {
    expect(missingWords(application({ ...good, operationState: ended }), withDefaults({}))).toBe(
      'operation in progress, sync Synced, health Healthy',
    );
  });
});
