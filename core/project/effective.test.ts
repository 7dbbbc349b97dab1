import { describe, expect, it } from 'vitest';
import { effectiveProject, type StoredProject } from './effective.ts';
import { GlobalProject } from './rules/global.ts';
import { permitsKind, permitsSource } from './rules/permits.ts';

const stored = (name: string, spec: unknown, more: Partial<StoredProject> = {}) =>
  [name, { name, spec, labels: {}, clusters: [], ...more }] as const;

const globals = [
  GlobalProject.parse({ projectName: 'base', labelSelector: { matchLabels: { tier: 'prod' } } }),
  GlobalProject.parse({ projectName: 'gone' }),
];

const prod = { labels: { tier: 'prod' } };

describe('effectiveProject', () => {
  it('is the project with its clusters where nothing is inherited', () => {
    const clusters = [{ server: 'https://own.example.com', name: 'own' }];
    const spec = { sourceRepos: ['https://git.example.com/*'], description: null };
    expect(effectiveProject('team', [], new Map([stored('team', spec, { clusters })]))).toEqual({
      usable: true,
      clusters,
      project: {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'AppProject',
        metadata: { name: 'team', labels: {} },
        spec: { sourceRepos: ['https://git.example.com/*'] },
      },
    });
  });

  it('inherits from the global projects that select it, and nothing from one that is gone', () => {
    const base = {
      sourceRepos: ['https://base.example.com/*'],
      namespaceResourceBlacklist: [{ group: '', kind: 'Secret' }],
      signatureKeys: [{ keyID: '4AEE18F83AFDEB23' }],
    };
    const all = new Map([stored('team', {}, prod), stored('other', {}), stored('base', base)]);
    const team = effectiveProject('team', globals, all);
    const secret = { group: '', kind: 'Secret', name: 'a', namespace: 'a' };
    expect(team.usable && permitsKind(team.project, secret).permitted).toBe(false);
    expect(team.usable && permitsSource(team.project, 'https://base.example.com/a').permitted).toBe(true);
    expect(team.usable && team.project.spec.signatureKeys).toBeUndefined();
    const other = effectiveProject('other', globals, all);
    expect(other.usable && permitsKind(other.project, secret).permitted).toBe(true);
  });

  it('is unusable where there is none of its name', () => {
    expect(effectiveProject('team', globals, new Map())).toEqual({
      usable: false,
      reason: 'missing',
      message: 'application references project team which does not exist; create it or use "default"',
    });
  });

  it('is unusable where it, or a global project that selects it, can not be read', () => {
    const all = new Map([
      stored('broken', { destinations: 'everywhere' }),
      stored('team', {}, prod),
      stored('other', {}),
      stored('base', []),
    ]);
    expect(effectiveProject('broken', globals, all)).toEqual({
      usable: false,
      reason: 'unreadable',
      message:
        "project broken can't be read: spec.destinations: must be a list, not a text; check its indentation and form",
    });
    expect(effectiveProject('team', globals, all)).toMatchObject({
      reason: 'unreadable',
      message: expect.stringContaining(
        "project team inherits from the global project base, which can't be read: spec: must be a map of fields",
      ),
    });
    expect(effectiveProject('other', globals, all).usable).toBe(true);
  });
});
