import { describe, expect, test } from 'vitest';
import { successorOf } from './successor.ts';

const revision = '0123456789abcdef0123456789abcdef01234567';

describe('ui/model/successor', () => {
  test('an operation that was not superseded has no successor', () => {
    expect(successorOf({})).toBeUndefined();
  });

  test('a successor is named by what it does when it is known', () => {
    const sync = { id: 'b', kind: 'sync' as const, revision };
    expect(successorOf({ supersededBy: 'b' }, [sync])).toEqual({ id: 'b', text: 'the sync to 0123456' });
    expect(successorOf({ supersededBy: 'b' }, [{ ...sync, kind: 'delete' }])?.text).toBe('the deletion');
  });

  test('a successor that is not known can still be opened', () => {
    expect(successorOf({ supersededBy: 'b' })).toEqual({ id: 'b', text: 'a newer operation' });
  });
});
