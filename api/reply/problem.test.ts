import { HTTPException } from 'hono/http-exception';
import { describe, expect, test } from 'vitest';
import { KeelsonError } from '../../core/errors.ts';
import { isFault, problemOf } from './problem.ts';

describe('api/problem', () => {
  test.each([
    ['invalid-argument', 400, 3],
    ['precondition-failed', 400, 9],
    ['unauthenticated', 401, 16],
    ['forbidden', 403, 7],
    ['not-found', 404, 5],
    ['conflict', 409, 10],
    ['internal', 500, 13],
    ['cluster-unreachable', 503, 14],
    ['timeout', 504, 4],
  ] as const)('%s is HTTP %i with code %i', (code, http, grpc) => {
    expect(problemOf(new KeelsonError(code, 'said'))).toEqual({
      http,
      body: { error: 'said', code: grpc, message: 'said' },
    });
  });

  test('a source that no later try can read is wrong as it was given, and one that is away is away', () => {
    const wrong = new KeelsonError('source-unreachable', 'x');
    const away = new KeelsonError('source-unreachable', 'x', { retryable: true });
    expect(problemOf(wrong)).toMatchObject({ http: 400, body: { code: 9 } });
    expect(problemOf(away)).toMatchObject({ http: 503, body: { code: 14 } });
    expect([isFault(wrong), isFault(away)]).toEqual([false, false]);
  });

  test('what is not implemented says so', () => {
    expect(problemOf(new HTTPException(415, { message: 'x' }))).toMatchObject({
      http: 415,
      body: { code: 2 },
    });
  });

  test('an unexpected error keeps its text to itself', () => {
    const { http, body } = problemOf(new TypeError('canary of postgres://user:password@host'));
    expect(http).toBe(500);
    expect(body.message).not.toContain('canary');
  });

  test('a database that is away is told as unavailable, however deep the cause', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    expect(problemOf(new Error('Failed query', { cause: refused }))).toMatchObject({
      http: 503,
      body: { code: 14 },
    });
    expect(isFault(new Error('x'))).toBe(true);
    expect(isFault(new KeelsonError('forbidden', 'x'))).toBe(false);
    expect(isFault(new KeelsonError('timeout', 'x', { retryable: true }))).toBe(false);
  });
});
