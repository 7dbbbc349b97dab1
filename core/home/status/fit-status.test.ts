import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApplicationStatus, ResourceStatus } from '../../application/status.ts';
import { formatJson } from '../../object/json/json.ts';
import { byteLength, cutText } from './cut-text.ts';
import { fitStatus, shortenedCondition } from './fit-status.ts';

const small: ApplicationStatus = {
  sync: {
    status: 'Synced',
    revision: 'abc',
    comparedTo: { destination: { server: 's' }, source: source('') },
  },
  health: { status: 'Healthy' },
  summary: { images: ['web:1'] },
  reconciledAt: '2026-11-30T21:00:00Z',
  controllerNamespace: 'argocd',
};

describe('an object bears a status below 200 kB', () => {
  it('leaves one alone that fits', () => {
    expect(fitStatus(small)).toEqual(small);
  });

  it('cuts every message at 4 kB between two characters', () => {
    const long = 'é'.repeat(5000);
    const fitted = fitStatus({
      ...small,
      health: { status: 'Degraded', message: long },
      conditions: [{ type: 'SyncError', message: long }],
      resources: [{ ...resource(1), health: { status: 'Degraded', message: long } }],
      operationState: {
        operation: {},
        phase: 'Failed',
        startedAt: 'then',
        message: long,
        syncResult: { resources: [{ ...resource(1), version: 'v1', message: long }] },
      },
    });
    const messages = [
      fitted.health?.message,
      fitted.conditions?.[0]?.message,
      fitted.resources?.[0]?.health?.message,
      fitted.operationState?.message,
      fitted.operationState?.syncResult?.resources?.[0]?.message,
    ];
    expect(new Set(messages)).toEqual(new Set([`${'é'.repeat(2045)} (cut)`]));
  });

  it('lists 500 objects, those with trouble among them, in their order', () => {
    const resources = Array.from({ length: 700 }, (_, at) =>
      resource(at, at === 650 ? 'OutOfSync' : 'Synced'),
    );
    const fitted = fitStatus({ ...small, resources });
    expect(fitted.resources).toHaveLength(500);
    expect(fitted.resources?.at(-1)?.name).toBe('web-650');
    expect(fitted.conditions?.at(-1)).toMatchObject({
      type: shortenedCondition,
      message: expect.stringContaining('200 of 700 objects'),
    });
  });

  it('shows the newest ten deployments', () => {
    const history = Array.from({ length: 30 }, (_, id) => ({ id, deployedAt: 'then' }));
    expect(fitStatus({ ...small, history }).history?.map(({ id }) => id)).toEqual(
      Array.from({ length: 10 }, (_, at) => 20 + at),
    );
  });

  it('leaves out what is least missed first, and says so', () => {
    const history = Array.from({ length: 10 }, (_, id) => ({
      id,
      deployedAt: 'then',
      revision: `r${id}`,
      source: source('v'.repeat(30_000)),
    }));
    const fitted = fitStatus({ ...small, history });
    expect(fitted.history?.[9]).toEqual({ id: 9, deployedAt: 'then', revision: 'r9' });
    expect(fitted.sync).toEqual(small.sync);
    expect(fitted.conditions?.[0]?.message).toMatch(/sources in history; the API has all of it$/);
  });

  it('says the outcome when nothing else fits', () => {
    const fitted = fitStatus({
      ...small,
      sync: { status: 'OutOfSync', revisions: Array.from({ length: 9000 }, () => 'f'.repeat(40)) },
      operationState: {
        operation: { info: [{ name: 'x', value: 'v'.repeat(300_000) }] },
        phase: 'Running',
        startedAt: 'then',
      },
    });
    expect(fitted).toMatchObject({
      sync: { status: 'OutOfSync' },
      health: { status: 'Healthy' },
      operationState: { operation: {}, phase: 'Running', startedAt: 'then' },
      reconciledAt: small.reconciledAt,
    });
  });

  it('is below 200 kB whatever comes', () => {
    const huge = fc.integer({ min: 0, max: 20_000 }).map((length) => '界'.repeat(length));
    const some = fc.nat({ max: 900 });
    fc.assert(
      fc.property(huge, huge, some, some, fc.nat({ max: 40 }), (text, values, objects, images, few) => {
        const status: ApplicationStatus = {
          ...small,
          health: { status: 'Degraded', message: text },
          conditions: Array.from({ length: few }, () => ({ type: 'SyncError', message: text })),
          resources: Array.from({ length: objects }, (_, at) => ({
            ...resource(at),
            health: { status: 'Degraded' as const, message: text.slice(0, 400) },
          })),
          history: Array.from({ length: few }, (_, id) => ({
            id,
            deployedAt: 'then',
            source: source(values),
          })),
          summary: { images: Array.from({ length: images }, (_, at) => `registry/${at}:${'t'.repeat(100)}`) },
        };
        expect(byteLength(formatJson(fitStatus(status)))).toBeLessThan(200_000);
      }),
      { numRuns: 12 },
    );
  });
});

describe('a cut text', () => {
  it.each([
    ['fits', 'abc', 10, 'abc'],
    ['is cut', 'a'.repeat(20), 10, 'aaaa (cut)'],
    ['keeps characters whole', '界'.repeat(10), 11, '界 (cut)'],
  ])('%s', (_, text, most, expected) => {
    expect(cutText(text, most)).toBe(expected);
    expect(byteLength(cutText(text, most))).toBeLessThanOrEqual(most);
  });
});

function source(values: string) {
  return { repoURL: 'https://git.example.com/a.git', helm: { values } };
}

function resource(at: number, status: 'Synced' | 'OutOfSync' = 'Synced') {
  const name = `web-${at}`;
  return {
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
    namespace: 'web',
    name,
    status,
  } satisfies ResourceStatus;
}
