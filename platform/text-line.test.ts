import { describe, expect, it } from 'vitest';
import { textLine } from './text-line.ts';

describe('platform/text-line', () => {
  it('has time, level and message first, and quotes what has spaces', () => {
    const line = {
      level: 40,
      time: 0,
      pid: 1,
      hostname: 'h',
      name: 'server',
      path: 'a/b',
      n: 1,
      msg: 'not found',
    };
    expect(textLine(line)).toBe(
      'time=1970-01-01T00:00:00.000Z level=warning msg="not found" role=server path=a/b n=1\n',
    );
    expect(textLine({ ...line, error: { message: 'x "y"' } })).toContain(
      String.raw`error="{\"message\":\"x \\\"y\\\"\"}"`,
    );
  });
});
