import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { assessHealth } from '../core/health/assess.ts';
import type { Manifest } from '../core/object/manifest/manifest.ts';
import type { PlanStep } from '../core/sync/plan/plan.ts';
import { assessStep } from '../core/sync/walk/settle.ts';
import { type Followed, followEach, problemsOf } from '../test/support/hostile/remedies.ts';
import { getVersion } from './api.ts';
import { applicationOf, emptyDraft } from './features/new-application/draft.ts';
import { checked, draftOfText, parsed } from './features/new-application/read-draft.ts';
import { problemsOf as problemsOfValues } from './features/resource-actions/action-form.ts';
import { failedObjects } from './features/sync-progress/model/failed-objects.ts';
import { readStream } from './stream.ts';

/** What a proxy in front of the server answers, and the server after it. */
type Conduct = 'forbid' | 'fail' | 'answer';
let conduct: Conduct = 'answer';
const statuses: Readonly<Record<Conduct, number>> = { forbid: 403, fail: 500, answer: 200 };
const server = createServer((_, outgoing) => {
  outgoing.writeHead(statuses[conduct]).end(conduct === 'answer' ? '{"Version": "v1"}' : '');
});
let url = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  vi.unstubAllGlobals();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** The browser's page, which lies at an address of the server. */
function openPage(baseURI: string): void {
  vi.stubGlobal('document', { baseURI });
}

describe('a request of the interface', () => {
  followEach(
    async ({ how = 'answer', isUp = true }: { how?: Conduct; isUp?: boolean }) => {
      conduct = how;
      // Port 1 is nobody's.
      openPage(isUp ? url : 'http://127.0.0.1:1/');
      return problemsOf(getVersion);
    },
    [
      ['permission denied; ask for the missing right', { how: 'forbid' }, {}],
      [
        'the server answered with status 500; try again or look at its log',
        { how: 'fail' },
        { how: 'answer' },
      ],
      [
        'the server cannot be reached; check that it runs and that you are online',
        { isUp: false },
        { isUp: true },
      ],
    ],
  );

  it('for a stream without a body is made again', async () => {
    const seen: string[] = [];
    const read = () =>
      readStream(url, new AbortController().signal, { open: () => seen.push('open'), batch: () => {} });
    conduct = 'answer';
    // No server can send a success that fetch shows without a body but 204 and 205.
    const empty = createServer((_, outgoing) => void outgoing.writeHead(204).end());
    await new Promise<void>((resolve) => empty.listen(0, '127.0.0.1', resolve));
    const nobody = `http://127.0.0.1:${(empty.address() as AddressInfo).port}/`;
    const signal = new AbortController().signal;
    const failed = await problemsOf(() =>
      readStream(nobody, signal, { open: () => seen.push('open'), batch: () => {} }),
    );
    empty.closeAllConnections();
    await new Promise((resolve) => empty.close(resolve));
    expect([failed, seen]).toEqual([['the stream is empty; try again'], []]);
    await read();
    expect(seen).toEqual(['open']);
  });
});

const draft = { ...emptyDraft, name: 'web', repoURL: 'https://git.example.com/a.git', place: 'a' };
const application = { ...applicationOf(draft) };
const yaml = stringify(application);
const whole = stringify({
  ...application,
  spec: { ...(application['spec'] as object), revisionHistoryLimit: 3 },
});

describe('a new application', () => {
  followEach(
    (text: string) => problemsOf(() => parsed(text)),
    [['the YAML cannot be read; correct it', 'a: [', yaml]],
  );
  followEach(
    (text: string) => problemsOf(() => checked(parsed(text))),
    [
      [
        'the application is not valid yet; correct what is listed',
        yaml.replace('name: web', 'name: Web'),
        yaml,
      ],
    ],
  );
  followEach(
    ({ text, isCreated = false }: { text: string; isCreated?: boolean }) =>
      problemsOf(() => (isCreated ? checked(parsed(text)) : draftOfText(text, emptyDraft))),
    [
      [
        'the application is not valid yet; correct it first',
        { text: yaml.replace('name: web', 'name: Web') },
        { text: yaml },
      ],
      [
        'the YAML says more than the form has fields for; create it from here',
        { text: whole },
        { text: whole, isCreated: true },
      ],
    ],
  );
});

describe('the value of a parameter', () => {
  followEach(
    (value: string) =>
      Object.values(problemsOfValues([{ name: 'replicas', type: 'number' }], { replicas: value })),
    [['give a number', 'many', '3']] as Followed<string>[],
  );
});

describe('an object that did not become well', () => {
  const key = { group: '', kind: 'Pod', namespace: 'prod', name: 'web' };
  const step = {
    step: 0,
    phase: 'Sync',
    wave: 0,
    key,
    apiVersion: 'v1',
    hook: false,
    action: 'apply',
    batch: 0,
    changed: true,
  } as const;
  const pod = (status: object): Manifest => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } },
    ...{ spec: { restartPolicy: 'Always' }, status },
  });
  /** As the job controller ends a Job, whose pods' exit codes are in their own logs only. */
  const job = (type: string, message: string): Manifest => ({
    ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'web' } },
    status: { conditions: [{ type, status: 'True', message }] },
  });
  const waits = (reason: string, message: string) =>
    pod({ phase: 'Pending', containerStatuses: [{ name: 'main', state: { waiting: { reason, message } } }] });
  const ready = { type: 'Ready', status: 'True' };
  const runs = pod({ phase: 'Running', conditions: [ready] });
  const crashed = { lastState: { terminated: { exitCode: 1 } } };

  followEach(
    (live: Manifest) => {
      const planned = { ...step, key: { ...key, kind: live.kind } } satisfies PlanStep;
      const result = { status: 'Synced', complete: false } as const;
      const { state, message } = assessStep({ step: planned, live, result, assessHealth });
      if (state !== 'failed') return [];
      const marked = { ...step, key: planned.key, attempt: 1, message, state: 'failed' } as const;
      return failedObjects([marked]).map(({ what, remedy }) => `${what}; ${remedy}`);
    },
    [
      [
        "look at the logs of the Job's pods, fix the cause, and sync again",
        job('Failed', 'Job has reached the specified backoff limit'),
        job('Complete', ''),
      ],
      [
        "check the image's name and the pull secret",
        waits('ImagePullBackOff', 'Back-off pulling image "registry.example.com/wep:1"'),
        runs,
      ],
      [
        "check the image's name and the pull secret",
        waits('ErrImagePull', 'failed to pull and unpack image: ErrImagePull'),
        runs,
      ],
      [
        'failed without a message; look at the object in the cluster',
        pod({ phase: 'Running', containerStatuses: [{ name: 'main', ...crashed }] }),
        runs,
      ],
    ],
  );
});
