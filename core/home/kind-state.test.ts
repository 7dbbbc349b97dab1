import { describe, expect, it } from 'vitest';
import { type HomeKindState, nextKindState } from './kind-state.ts';

const first = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-01T00:01:00Z');

describe('core/home/kind-state', () => {
  it('keeps the time since which a kind is unavailable, with the newest reason, until it is watched again', () => {
    const away = nextKindState({}, { unavailable: 'refused' }, first);
    const still = nextKindState(away, { unavailable: 'not there' }, later);
    expect(still).toEqual({ unavailable: { since: first.toISOString(), reason: 'not there' } });
    expect(nextKindState(still, 'watched', later)).toEqual({});
  });

  it('remembers the last complete list through an outage', () => {
    const listed = nextKindState({}, 'listed', first);
    const away: HomeKindState = nextKindState(listed, { unavailable: 'refused' }, later);
    expect(away.listedAt).toBe(first.toISOString());
    expect(nextKindState(away, 'watched', later)).toEqual({ listedAt: first.toISOString() });
  });
});
