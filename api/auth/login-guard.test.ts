import { describe, expect, test } from 'vitest';
import { createLoginGuard } from './login-guard.ts';

const at = (seconds: number): Date => new Date(seconds * 1000);

describe('api/auth/login-guard', () => {
  test('the fifth failure locks, and five minutes after the last one the lock is over', () => {
    const guard = createLoginGuard();
    for (let second = 0; second < 4; second += 1) guard.recordFailure('admin', at(second));
    expect(guard.isLocked('admin', at(4))).toBe(false);
    guard.recordFailure('admin', at(4));
    expect(guard.isLocked('admin', at(5))).toBe(true);
    expect(guard.isLocked('admin', at(303))).toBe(true);
    expect(guard.isLocked('admin', at(304))).toBe(false);
  });

  test('other users are not locked, and a success forgets the failures', () => {
    const guard = createLoginGuard();
    for (let count = 0; count < 4; count += 1) guard.recordFailure('admin', at(0));
    guard.recordSuccess('admin');
    guard.recordFailure('admin', at(1));
    expect(guard.isLocked('admin', at(1))).toBe(false);
    for (let count = 0; count < 9; count += 1) guard.recordFailure('other', at(0));
    expect(guard.isLocked('admin', at(1))).toBe(false);
  });

  test('failures long apart do not add up', () => {
    const guard = createLoginGuard();
    for (let count = 0; count < 8; count += 1) guard.recordFailure('admin', at(count * 301));
    expect(guard.isLocked('admin', at(7 * 301))).toBe(false);
  });

  test('a flood of names does not push a locked user out of the memory at once', () => {
    const guard = createLoginGuard();
    for (let count = 0; count < 5; count += 1) guard.recordFailure('admin', at(0));
    for (let count = 0; count < 900; count += 1) guard.recordFailure(`user-${count}`, at(1));
    expect(guard.isLocked('admin', at(2))).toBe(true);
  });
});
