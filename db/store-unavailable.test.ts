import { DrizzleQueryError } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { StoreError } from './connection/store-error.ts';
import { isStoreUnavailable } from './store-unavailable.ts';

const coded = (code: string) => Object.assign(new Error('of a test'), { code });
const failedQuery = (cause: Error) => new DrizzleQueryError('select 1', [], cause);

describe('db/store-unavailable', () => {
  it.each([
    ['a refused connection', failedQuery(coded('ECONNREFUSED'))],
    ['a server that shuts down', failedQuery(coded('57P01'))],
    ['a lost connection', failedQuery(new Error('Connection terminated unexpectedly'))],
    ['a full pool', new Error('timeout exceeded when trying to connect')],
    ['a deadlock', failedQuery(coded('40P01'))],
    ['a statement that took too long', failedQuery(coded('57014'))],
    ['a lock that others hold', new StoreError('of a test', { code: '55P03' })],
    ['a network that swallows everything', new StoreError('Query read timeout')],
    ['a full disk', failedQuery(coded('53100'))],
  ])('takes %s for passing', (_, error) => {
    expect(isStoreUnavailable(error)).toBe(true);
  });

  it.each([
    ['a text that it can not hold', failedQuery(coded('22021'))],
    ['a constraint', failedQuery(coded('23505'))],
    ['an error of ours', new RangeError('Maximum call stack size exceeded')],
    ['anything else', 'a text'],
  ])('takes %s for lasting', (_, error) => {
    expect(isStoreUnavailable(error)).toBe(false);
  });
});
