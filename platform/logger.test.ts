import { describe, expect, it } from 'vitest';
import { loggedError } from './logger.ts';

describe('platform/logger', () => {
  it('shows what an error is and where it comes from, and nothing that hangs on it', () => {
    const cause = Object.assign(new TypeError('of a test'), {
      code: 'E1',
      table: 'x',
      params: ['hunter2'],
      config: { headers: { authorization: 'hunter2' } },
    });
    const shown = loggedError(Object.assign(new Error('failed', { cause }), { query: 'hunter2' }));
    expect(shown).toMatchObject({
      type: 'Error',
      message: 'failed',
      stack: expect.stringContaining('logger.test.ts'),
      cause: { type: 'TypeError', message: 'of a test', code: 'E1', table: 'x' },
    });
    expect(JSON.stringify(shown)).not.toContain('hunter2');
  });

  it('ends where causes go in a circle', () => {
    const error = new Error('of a test');
    error.cause = error;
    expect(JSON.stringify(loggedError(error)).match(/"type"/g)).toHaveLength(6);
  });
});
