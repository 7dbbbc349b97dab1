import { describe, expect, test } from 'vitest';
import { takeFrames } from './stream-frames.ts';

describe('ui/stream-frames', () => {
  test('a half-received frame waits for its end', () => {
    const first = takeFrames('data: {"a":1} \n\ndata: {"b"');
    expect(first).toEqual({ messages: ['{"a":1}'], rest: 'data: {"b"' });
    expect(takeFrames(`${first.rest}:2}\n\n`)).toEqual({ messages: ['{"b":2}'], rest: '' });
  });

  test('keepalive comments carry no message', () => {
    expect(takeFrames(':\n\ndata: 1\n\n:\n\n')).toEqual({ messages: ['1'], rest: '' });
  });

  test('carriage returns and several data lines belong to one message', () => {
    expect(takeFrames('event: x\r\ndata: a\r\ndata: b\r\n\r\n').messages).toEqual(['a\nb']);
  });
});
