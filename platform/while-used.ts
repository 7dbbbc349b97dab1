import type { Idle } from '../core/byte-cache.ts';

/**
 * For what belongs to a commit: the next commit replaces it, and what still counts is read again by the comparisons that
 * come every three to four minutes. So a process holds what is in use and not all that was since its start.
 */
export const whileUsed: Idle = { milliseconds: 6 * 60 * 1000, now: () => performance.now() };
