import { describe, expect, it } from 'vitest';
import { mirrorWaves, waveOf } from './wave.ts';

describe('core/sync/wave', () => {
  it.each<[Record<string, string>, number]>([
    [{}, 0],
    [{ 'argocd.argoproj.io/sync-wave': '-3' }, -3],
    [{ 'argocd.argoproj.io/sync-wave': '+2' }, 2],
    [{ 'argocd.argoproj.io/sync-wave': '1.5', 'helm.sh/hook-weight': '7' }, 7],
    [{ 'argocd.argoproj.io/sync-wave': '4', 'helm.sh/hook-weight': '7' }, 4],
    [{ 'argocd.argoproj.io/sync-wave': ' 1' }, 0],
  ])('reads the wave of %j as %d', (annotations, wave) => {
    expect(waveOf({ metadata: { annotations } })).toBe(wave);
  });

  it('mirrors waves among themselves', () => {
    expect([...mirrorWaves([0, 5, -1, 5, 9])]).toEqual([
      [-1, 9],
      [0, 5],
      [5, 0],
      [9, -1],
    ]);
    expect([...mirrorWaves([1, 2, 3])]).toEqual([
      [1, 3],
      [2, 2],
      [3, 1],
    ]);
  });
});
