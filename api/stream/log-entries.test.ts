import { describe, expect, test } from 'vitest';
import { logEntries } from './log-entries.ts';

async function* lines() {
  yield '2026-01-02T03:04:05.678901234Z listening on :8080';
  yield '2026-01-02T03:04:06Z';
  yield 'no time';
}

async function entriesOf(filter: string): Promise<{ content: string; timeStamp?: string; last: boolean }[]> {
  const entries = [];
  for await (const message of logEntries(lines(), { podName: 'web-1', filter })) {
    entries.push(JSON.parse(message).result);
  }
  return entries;
}

describe('api/log-entries', () => {
  test('a line is taken apart into time and content, and an empty last entry ends the log', async () => {
    expect(await entriesOf('')).toEqual([
      {
        content: 'listening on :8080',
        timeStamp: '2026-01-02T03:04:05.678901234Z',
        timeStampStr: '2026-01-02T03:04:05.678901234Z',
        podName: 'web-1',
        last: false,
      },
      {
        content: '',
        timeStamp: '2026-01-02T03:04:06Z',
        timeStampStr: '2026-01-02T03:04:06Z',
        podName: 'web-1',
        last: false,
      },
      { content: 'no time', timeStampStr: '', podName: 'web-1', last: false },
      { content: '', timeStampStr: '', podName: 'web-1', last: true },
    ]);
  });

  test.each([
    ['time', ['no time', '']],
    ['!time', ['listening on :8080', '', '']],
    ['TIME', ['']],
  ])('the filter %s keeps %j', async (filter, contents) => {
    expect((await entriesOf(filter)).map((entry) => entry.content)).toEqual(contents);
  });
});
