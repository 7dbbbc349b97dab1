import { describe, expect, test } from 'vitest';
import { isNamed, qualifiedName } from './application-name.ts';

const inside = { metadata: { name: 'web', namespace: 'argocd' }, status: { controllerNamespace: 'argocd' } };
const outside = { metadata: { name: 'web', namespace: 'team' }, status: { controllerNamespace: 'argocd' } };

describe('ui/model/application-name', () => {
  test('a name is told apart by its namespace outside the own one alone', () => {
    expect([inside, outside].map(qualifiedName)).toEqual(['web', 'team/web']);
    expect(qualifiedName({ metadata: { name: 'web' } })).toBe('web');
  });

  test('an address may leave the own namespace out', () => {
    expect(isNamed(inside, 'web')).toBe(true);
    expect(isNamed(inside, 'argocd/web')).toBe(true);
    expect(isNamed(outside, 'team/web')).toBe(true);
    expect(isNamed(outside, 'other/web')).toBe(false);
  });
});
