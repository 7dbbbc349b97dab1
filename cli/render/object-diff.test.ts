import { describe, expect, it } from 'vitest';
import { diffObjects } from './object-diff.ts';

const map = (value: string) => JSON.stringify({ kind: 'ConfigMap', data: { b: value, a: 'x' } });
const base = { group: '', kind: 'ConfigMap', namespace: 'demo', name: 'settings' };

describe('cli/object-diff', () => {
  it('shows both sides as YAML with fields in one order, the target as the cluster would make it', () => {
    const [diff] = diffObjects([
      {
        ...base,
        modified: true,
        normalizedLiveState: map('1'),
        predictedLiveState: map('3'),
        targetState: map('2'),
      },
    ]);
    expect(diff).toEqual({
      heading: '===== /ConfigMap demo/settings ======',
      name: 'settings',
      live: 'data:\n  a: x\n  b: "1"\nkind: ConfigMap\n',
      target: 'data:\n  a: x\n  b: "3"\nkind: ConfigMap\n',
    });
  });

  it('shows an object that is missing on one side as all added or all removed', () => {
    const [added] = diffObjects([{ ...base, liveState: 'null', targetState: map('1') }]);
    expect(added?.live).toBe('');
    expect(added?.target).toContain('ConfigMap');
    const [removed] = diffObjects([{ ...base, liveState: map('1'), targetState: 'null', modified: false }]);
    expect(removed?.target).toBe('');
  });

  it('leaves out hooks, equal objects, and objects that are on neither side', () => {
    const sides = { liveState: map('1'), targetState: map('2') };
    expect(diffObjects([{ ...base, ...sides, hook: true }])).toEqual([]);
    expect(diffObjects([{ ...base, ...sides, modified: false }])).toEqual([]);
    expect(diffObjects([{ ...base, liveState: map('1'), targetState: map('1') }])).toEqual([]);
    expect(diffObjects([{ ...base, liveState: 'null', targetState: 'null' }])).toEqual([]);
  });

  it('shows that a Secret differs without its values, even if the server sent them', () => {
    const secret = (password: string) =>
      JSON.stringify({
        kind: 'Secret',
        metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': password } },
        data: { password, same: 'canary-same' },
        stringdata: { password },
      });
    const [diff] = diffObjects([
      { ...base, kind: 'Secret', liveState: secret('canary-live'), targetState: secret('canary-target') },
    ]);
    expect(diff?.live).toContain('password: ++++++++++++\n');
    expect(diff?.target).toContain('password: ++++++++\n');
    expect(diff?.live).toContain('same: ++++++++\n');
    expect(JSON.stringify(diff)).not.toContain('canary');
  });

  it('never quotes a state that cannot be read', () => {
    const run = () => diffObjects([{ ...base, kind: 'Secret', liveState: '{canary' }]);
    expect(run).toThrow('Secret settings: its state');
    expect(run).not.toThrow('canary');
  });
});
