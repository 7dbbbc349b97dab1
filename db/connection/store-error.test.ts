import { DrizzleQueryError } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { describeError } from '../../core/errors.ts';
import { StoreError, storeErrorOf } from './store-error.ts';

const secret = 'hunter2';

const ofPostgres = (code: string, message: string, more: object = {}) =>
  new DrizzleQueryError(
    'insert into "x" values ($1)',
    [secret],
    Object.assign(new Error(message), {
      severity: 'ERROR',
      code,
      detail: `Key (a)=(${secret}) exists`,
      ...more,
    }),
  );

describe('db/connection/store-error', () => {
  it('keeps code, constraint and table of what PostgreSQL refused, and no value', () => {
    const place = { constraint: 'x_pkey', table: 'x' };
    const error = storeErrorOf(ofPostgres('23505', `duplicate key ${secret}`, place));
    expect(error).toMatchObject({ code: '23505', ...place });
    expect((error as Error).message).toBe('database refused a statement (23505, constraint x_pkey, table x)');
    const { stack, cause } = error as Error;
    expect(`${stack}${JSON.stringify(error)}${describeError(error)}`).not.toContain(secret);
    expect(cause).toBeUndefined();
  });

  it('keeps the words about names and time, which quote no value', () => {
    const error = storeErrorOf(ofPostgres('57014', 'canceling statement due to statement timeout'));
    expect((error as Error).message).toBe(
      'database refused a statement (57014): canceling statement due to statement timeout',
    );
  });

  it('keeps what is known of a connection', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
    expect(storeErrorOf(new DrizzleQueryError('select $1', [secret], refused))).toMatchObject({
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED 127.0.0.1:1',
    });
    const terminated = new DrizzleQueryError('select $1', [secret], new Error('Connection terminated'));
    expect(storeErrorOf(terminated)).toEqual(new StoreError('Connection terminated'));
  });

  it('hides the words of a driver that could not write a value', () => {
    const error = storeErrorOf(new DrizzleQueryError('select $1', [secret], new TypeError(`bad ${secret}`)));
    expect(error).toEqual(new StoreError('database driver failed (TypeError)'));
  });

  it('leaves errors of others as they are', () => {
    const error = new RangeError('of a test');
    expect(storeErrorOf(error)).toBe(error);
  });
});
