import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readUpload } from '../../../../api/application/uploaded-files.ts';
import { createBodyRoom } from '../../../../api/bodies/body-room.ts';
import { readBody } from '../../../../api/bodies/read-body.ts';
import { Refusal } from '../../../../api/reply/problem.ts';
import { trustedProxies } from '../../../../api/request/client-address.ts';
import { type Followed, followEach, problemsOf } from '../../../support/hostile/remedies.ts';

/** One body at a time in all, of sixteen bytes. */
const size = {
  bytes: 16,
  strangersBytes: 16,
  coming: { login: { all: 1, address: 1 }, webhook: { all: 1, address: 1 }, subject: { all: 1, address: 1 } },
};

describe('a body of a request', () => {
  const room = createBodyRoom(size);
  const send = (stream: PassThrough, milliseconds = 10_000) =>
    readBody(room, { stream, sender: 'subject', address: 'a', bytes: 100, milliseconds });

  /** What stands in the way of a body that comes slowly, breaks off, or meets others, and then of one sent at once. */
  const ways: Readonly<Record<string, () => Promise<unknown>>> = {
    async 'a newer one comes'() {
      const slow = send(new PassThrough());
      const newer = send(new PassThrough().end('b'));
      await Promise.all([slow, newer.then(({ leave }) => leave())]);
    },
    async 'too much is there'() {
      const first = await send(new PassThrough().end('a'.repeat(12)));
      await send(new PassThrough().end('b'.repeat(12))).finally(first.leave);
    },
    'it is slow': () => send(new PassThrough(), 20),
    async 'it breaks off'() {
      const stream = new PassThrough();
      const body = send(stream);
      stream.destroy();
      await body;
    },
    'it is sent at once': async () => (await send(new PassThrough().end('b'.repeat(12)))).leave(),
  };
  followEach(
    async (way: string) => {
      try {
        await ways[way]?.();
        return [];
      } catch (error) {
        if (error instanceof Refusal) return [error.message];
        throw error;
      }
    },
    [
      [
        'request body is given up for newer ones: too many are on their way; send it at once',
        'a newer one comes',
        'it is sent at once',
      ],
      [
        'request body finds no room: too much is being sent at the moment; send it again',
        'too much is there',
        'it is sent at once',
      ],
      ['request body took too long; send it at once', 'it is slow', 'it is sent at once'],
      ['request body broke off; send it again', 'it breaks off', 'it is sent at once'],
    ],
  );
});

describe('the proxies that are trusted', () => {
  followEach(
    (range: string) => problemsOf(() => trustedProxies([range])),
    ['10.0.0.5', '10.0.0.0/8'].map(
      (helped): Followed<string> => [
        'KEELSON_TRUSTED_PROXIES: "10.0.0.*" is no address and no range; write 10.0.0.5 or 10.0.0.0/8',
        '10.0.0.*',
        helped,
      ],
    ),
  );
});

describe('files that are uploaded', () => {
  const archive = Buffer.from('archive');
  const checksum = createHash('sha256').update(archive).digest('hex');
  const query = JSON.stringify({ query: { name: 'web', checksum } });
  const chunk = JSON.stringify({ chunk: { chunk: archive.toString('base64') } });
  const whole = `${query}\n${chunk}`;
  followEach(
    (text: string) => problemsOf(() => readUpload(text)),
    [
      ['its first line has no query; send {"query": {"name": ...}} first', chunk, whole],
      ['it has no files; send them as {"chunk": {"chunk": BASE64}}', query, whole],
      ['its checksum differs; send it again', `${query}\n${chunk.replace('YX', 'WX')}`, whole],
      ['a line of it is not the expected JSON; send one object a line', whole.replace('\n', ''), whole],
    ],
  );
  it('arrive as they were sent', () => {
    expect(readUpload(whole).archive).toEqual(archive);
  });
});
