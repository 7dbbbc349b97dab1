import { describe, expect, test } from 'vitest';
import { overlay } from './overlay.ts';

describe('ui/features/diff-view/overlay', () => {
  test('what the cluster filled in stays, and what is desired wins', () => {
    const live = { spec: { replicas: 1, strategy: { type: 'RollingUpdate' } } };
    expect(overlay(live, { spec: { replicas: 3 } })).toEqual({
      spec: { replicas: 3, strategy: { type: 'RollingUpdate' } },
    });
  });

  test('elements with names are paired by name, in the desired order', () => {
    const live = [
      { name: 'a', image: '1', pull: 'Always' },
      { name: 'b', image: '1' },
    ];
    expect(
      overlay(live, [
        { name: 'b', image: '2' },
        { name: 'a', image: '2' },
      ]),
    ).toEqual([
      { name: 'b', image: '2' },
      { name: 'a', image: '2', pull: 'Always' },
    ]);
  });

  test('elements without names are paired by position, and lists of different lengths are replaced', () => {
    expect(overlay([{ port: 80, protocol: 'TCP' }], [{ port: 81 }])).toEqual([{ port: 81, protocol: 'TCP' }]);
    expect(overlay(['a', 'b'], ['c'])).toEqual(['c']);
  });

  test('a selector keeps no labels of the live one', () => {
    const live = { selector: { matchLabels: { app: 'a', old: 'x' }, more: 1 } };
    expect(overlay(live, { selector: { matchLabels: { app: 'b' } } })).toEqual({
      selector: { matchLabels: { app: 'b' }, more: 1 },
    });
    expect(overlay({ selector: { app: 'a', old: 'x' } }, { selector: { app: 'b' } })).toEqual({
      selector: { app: 'b' },
    });
  });
});
