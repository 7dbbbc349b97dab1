import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ApiResource } from '../discovery/resource.ts';
import type { WatchEvent } from '../request/calls.ts';
import type { Transport } from '../request/transport.ts';
import { watchOnce } from './watch.ts';

const cluster = { name: 'east', server: 'https://east.test' };
const resource: ApiResource = {
  group: '',
  version: 'v1',
  apiVersion: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
  verbs: [],
  preferred: true,
};

function event(type: string, resourceVersion: string): string {
  const metadata = { name: 'a', resourceVersion };
  return `${JSON.stringify({ type, object: { apiVersion: 'v1', kind: 'Secret', metadata } })}\n`;
}

/** A transport whose only stream brings this text. */
function transportOf(text: string, status = 200): Transport {
  const body = Object.assign(Readable.from([Buffer.from(text)]), {
    text: async () => text,
    dump: async () => {},
  });
  const unused = (): never => {
    throw new Error('not expected here');
  };
  return { send: unused, retire: unused, close: unused, open: async () => ({ status, body }) };
}

async function watch(text: string, status = 200) {
  const events: WatchEvent[] = [];
  const options = {
    resourceVersion: '5',
    signal: new AbortController().signal,
    onEvent: (each: WatchEvent): void => void events.push(each),
  };
  const end = await watchOnce(cluster, transportOf(text, status), resource, options);
  return { end, events };
}

describe('cluster/watch', () => {
  it('passes events on and ends at the last version, that of a bookmark included', async () => {
    const { end, events } = await watch(event('ADDED', '6') + event('DELETED', '7') + event('BOOKMARK', '9'));
    expect(end).toEqual({ reason: 'ended', resourceVersion: '9' });
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED', 'BOOKMARK']);
  });

  it.each([
    ['in its reply', '{"kind":"Status","code":410}', 410],
    ['in an event', `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } })}\n`, 200],
  ])('says that the version has expired when the server does so %s', async (_, text, status) => {
    expect((await watch(text, status)).end).toEqual({ reason: 'expired', resourceVersion: '5' });
  });

  it('fails with what an error event says', async () => {
    const object = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      code: 500,
      reason: 'InternalError',
      message: 'oh',
    };
    await expect(watch(`${JSON.stringify({ type: 'ERROR', object })}\n`)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('watch v1 secrets: '),
    });
  });

  it('never quotes a line that was cut short', async () => {
    const failure = watch(`${event('ADDED', '6')}{"type":"ADDED","object":{"data":{"a":hunter2`);
    await expect(failure).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await expect(failure).rejects.not.toThrow('hunter2');
  });
});
