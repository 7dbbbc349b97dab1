import { describe, expect, it } from 'vitest';
import { isHome, readName, shownName } from './home.ts';

describe('core/application/home', () => {
  it.each([
    ['web', { namespace: 'argocd', name: 'web' }, 'web'],
    ['team/web', { namespace: 'team', name: 'web' }, 'team/web'],
    ['argocd/web', { namespace: 'argocd', name: 'web' }, 'web'],
    ['team/web/x', { namespace: 'team', name: 'web/x' }, 'team/web/x'],
  ])('reads %s and shows it by its namespace outside the own one alone', (written, named, shown) => {
    expect(readName(written, 'argocd')).toEqual(named);
    expect(shownName(named, 'argocd')).toBe(shown);
  });

  it('shows an operation of before namespaces were kept by its name', () => {
    expect(shownName({ namespace: '', name: 'web' }, 'argocd')).toBe('web');
  });

  it.each([
    ['argocd', [], true],
    ['team', [], false],
    ['team', ['team'], true],
    ['team-a', ['team-*', 'ops'], true],
    ['my-team-a', ['team-*'], false],
    ['team-1', ['/^team-[0-9]+$/'], true],
    ['my-team-1', ['/^team-[0-9]+$/'], false],
    ['kube-system', ['*'], true],
    ['a_b', ['*'], false],
    ['', ['*'], false],
  ])('says whether applications may live in %s where %j is set: %s', (namespace, patterns, expected) => {
    expect(isHome(namespace, { controlPlane: 'argocd', patterns })).toBe(expected);
  });
});
