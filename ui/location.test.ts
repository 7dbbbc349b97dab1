import { describe, expect, test } from 'vitest';
import { applicationPath, readLocation, routeOf, safeReturnPath } from './location.ts';

describe('ui/location', () => {
  test.each([
    ['/', { page: 'applications' }],
    ['/applications', { page: 'applications' }],
    ['/login', { page: 'login' }],
    ['/applications/web', { page: 'application', name: 'web' }],
    ['/applications/argocd/web', { page: 'application', name: 'argocd/web' }],
    ['/applications/a%20b', { page: 'application', name: 'a b' }],
    ['/applications/100%', { page: 'application', name: '100%' }],
    ['/elsewhere', { page: 'unknown' }],
    ['/applications/a/b/c', { page: 'unknown' }],
  ])('the path %s names its page', (path, route) => {
    expect(routeOf(path)).toEqual(route);
  });

  test('an address splits into path and query', () => {
    const { path, query } = readLocation('/applications/web?panel=sync&node=a%2Fb');
    expect(path).toBe('/applications/web');
    expect(query.get('node')).toBe('a/b');
  });

  test('an application path escapes its name and carries a query', () => {
    expect(applicationPath('a b', { panel: 'sync' })).toBe('/applications/a%20b?panel=sync');
    expect(applicationPath('team/a b')).toBe('/applications/team/a%20b');
  });

  test.each([
    '//evil.example',
    'https://evil.example/',
    '/\\evil.example',
    'javascript:alert(1)',
    '/login',
    '/login?return_url=/login',
    '',
    null,
  ])('a login never returns to %s', (address) => {
    expect(safeReturnPath(address)).toBe('/applications');
  });

  test('a login returns to the page that was asked for, with its query', () => {
    expect(safeReturnPath('/applications/web?view=list')).toBe('/applications/web?view=list');
  });
});
