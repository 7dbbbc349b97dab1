import { describe, expect, it } from 'vitest';
import { decideAutoSync, selfHealDelaySeconds } from '../../application/automation/autosync.ts';
import { compareContext } from '../../diff/context.ts';
import { defaultSettings } from '../settings.ts';
import { readSettings } from './read-settings.ts';

const read = (cm: Record<string, string>, params: Record<string, string> = {}) =>
  readSettings({ 'argocd-cm': cm, 'argocd-cmd-params-cm': params });

describe('settings of what runs', () => {
  it('are the defaults where nothing is said', () => {
    expect(read({}).settings).toEqual(defaultSettings);
  });

  it('say where the installation is reached', () => {
    const { settings, problems } = read({
      url: ' https://keelson.example.com ',
      additionalUrls: '- https://other.example.com\n',
    });
    expect(settings).toMatchObject({
      url: 'https://keelson.example.com',
      additionalUrls: ['https://other.example.com'],
    });
    expect(problems).toEqual([]);
    expect(read({ url: 'keelson', additionalUrls: '- other' }).problems).toHaveLength(2);
  });

  it.each([
    [{ 'controller.self.heal.timeout.seconds': '5' }, [5, 5, 5, 5]],
    [{ 'controller.self.heal.timeout.seconds': '0' }, [0, 2, 6, 18]],
    [
      {
        'controller.self.heal.backoff.timeout.seconds': '1',
        'controller.self.heal.backoff.factor': '2',
        'controller.self.heal.backoff.cap.seconds': '3',
      },
      [0, 1, 2, 3],
    ],
  ])('say how long a self-heal waits: %j', (params, delays) => {
    const { selfHealDelay } = read({}, params).settings;
    expect([0, 1, 2, 3].map((attempts) => selfHealDelaySeconds(attempts, selfHealDelay))).toEqual(delays);
    const decision = decideAutoSync({
      syncPolicy: { automated: { selfHeal: true } },
      operationInProgress: false,
      deleting: false,
      syncStatus: 'OutOfSync',
      revision: 'a',
      several: false,
      sources: [],
      resources: [{ group: '', kind: 'Service', name: 'web', status: 'OutOfSync', requiresPruning: false }],
      last: {
        ...{ phase: 'Succeeded', message: '', revision: 'a', sources: [], finishedAtUnix: 100 },
        selfHealAttempts: 1,
        change: 'nothing',
      },
      selfHealDelay,
      nowUnix: 100,
    });
    expect(decision).toEqual({ action: 'wait', untilUnix: 100 + (delays[1] ?? 0) });
  });

  it.each([
    [{}, {}, true],
    [{ 'server.enable.server.side.diff': 'true' }, {}, true],
    [{ 'server.enable.server.side.diff': 'false' }, {}, false],
    [{}, { 'controller.diff.server.side': 'false' }, false],
  ])('say whether the API server is asked: %j %j', (cm, params, asksServer) => {
    const { settings } = read(cm, params);
    const of = (annotations: Record<string, string>) =>
      compareContext(settings, { annotations, spec: {} }, 'app');
    expect(of({}).asksServer).toBe(asksServer);
    // What an application says itself comes first.
    const annotation = 'argocd.argoproj.io/compare-options';
    expect(of({ [annotation]: 'ServerSideDiff=true' }).asksServer).toBe(true);
    expect(of({ [annotation]: 'ServerSideDiff=false' }).asksServer).toBe(false);
  });

  it('say how each role logs', () => {
    const params = {
      'server.log.level': 'warning',
      'reposerver.log.format': 'text',
      'controller.log.level': 'debug',
    };
    expect(read({}, params)).toMatchObject({
      settings: {
        logging: { server: { level: 'warn' }, worker: { format: 'text' }, session: { level: 'debug' } },
      },
      problems: [],
    });
  });

  it('keep their defaults where they can not be read', () => {
    const { settings, problems } = read(
      { 'timeout.reconciliation': '-5s', 'timeout.hard.reconciliation': 'never' },
      {
        'reposerver.parallelism.limit': '1.5',
        'reposerver.max.combined.directory.manifests.size': 'large',
        'server.log.level': 'loud',
        'server.log.format': 'xml',
      },
    );
    expect(settings).toEqual(defaultSettings);
    expect(problems.map(({ key, weight }) => [key, weight])).toEqual([
      ['timeout.reconciliation', 'invalid'],
      ['timeout.hard.reconciliation', 'invalid'],
      ['reposerver.parallelism.limit', 'invalid'],
      ['reposerver.max.combined.directory.manifests.size', 'invalid'],
      ['server.log.level', 'invalid'],
      ['server.log.format', 'invalid'],
    ]);
  });
});
