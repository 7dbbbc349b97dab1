import { describe, expect, it } from 'vitest';
import type { AppProject, RoleToken } from '../project.ts';
import { tokenInForce, withAlignedTokens, withoutToken, withToken } from './tokens.ts';

const projectOf = (inSpec: RoleToken[], inStatus: RoleToken[] | undefined): AppProject => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'team' },
  spec: { roles: [{ name: 'dev', jwtTokens: inSpec }, { name: 'ops' }] },
  status: inStatus === undefined ? {} : { jwtTokensByRole: { dev: { items: inStatus } } },
});

const inSpec = (project: AppProject) => project.spec.roles?.[0]?.jwtTokens;
const inStatus = (project: AppProject) => project.status?.jwtTokensByRole?.['dev']?.items;

describe('core/project/tokens', () => {
  it.each<[boolean, string, RoleToken[], RoleToken[] | undefined, string, { id: string; iat: number }]>([
    [true, 'one of the status', [], [{ id: 'a', iat: 1 }], 'dev', { id: 'a', iat: 1 }],
    [false, 'one of the spec alone', [{ id: 'a', iat: 1 }], [], 'dev', { id: 'a', iat: 1 }],
    [false, 'one where there is no status', [{ id: 'a', iat: 1 }], undefined, 'dev', { id: 'a', iat: 1 }],
    [false, 'one of another role', [], [{ id: 'a', iat: 1 }], 'ops', { id: 'a', iat: 1 }],
    [false, 'one of a role that is not there', [], [{ id: 'a', iat: 1 }], 'toString', { id: 'a', iat: 1 }],
    [true, 'an old one by its time', [], [{ iat: 1 }], 'dev', { id: '', iat: 1 }],
    [true, 'an old one that got its time as an id', [], [{ id: '1', iat: 1 }], 'dev', { id: '', iat: 1 }],
    [false, 'an old one of another time', [], [{ iat: 1 }], 'dev', { id: '', iat: 2 }],
    [
      false,
      'a revoked one of the same second as another',
      [],
      [{ id: 'b', iat: 1 }],
      'dev',
      { id: 'a', iat: 1 },
    ],
    [
      false,
      'an old revoked one of the same second as another',
      [],
      [{ id: 'b', iat: 1 }],
      'dev',
      { id: '', iat: 1 },
    ],
  ])('%s for %s', (expected, _, spec, status, role, claims) => {
    expect(tokenInForce(projectOf(spec, status), role, claims) !== undefined).toBe(expected);
  });

  it('records a token in both places, newest first', () => {
    const project = withToken(projectOf([{ id: 'a', iat: 1 }], [{ id: 'c', iat: 3 }]), 'dev', {
      id: 'b',
      iat: 2,
      exp: 9,
    });
    const expected = [
      { id: 'c', iat: 3 },
      { id: 'b', iat: 2, exp: 9 },
      { id: 'a', iat: 1 },
    ];
    expect(inSpec(project)).toEqual(expected);
    expect(inStatus(project)).toEqual(expected);
    expect(tokenInForce(project, 'dev', { id: 'b', iat: 2 })?.exp).toBe(9);
  });

  it('takes a token out of both places, wherever it was', () => {
    for (const before of [projectOf([{ id: 'a', iat: 1 }], []), projectOf([], [{ id: 'a', iat: 1 }])]) {
      const after = withoutToken(before, 'dev', 'a');
      expect(inSpec(after)).toBeUndefined();
      expect(inStatus(after)).toBeUndefined();
      expect(after.spec.roles?.map(({ name }) => name)).toEqual(['dev', 'ops']);
    }
    const old = withoutToken(projectOf([{ iat: 1 }, { id: 'b', iat: 2 }], [{ iat: 1 }]), 'dev', '1');
    expect(inStatus(old)).toEqual([{ id: 'b', iat: 2 }]);
  });

  it('aligns both places, gives old tokens their time as an id, and forgets roles that are gone', () => {
    const before = projectOf([{ iat: 1 }], [{ id: 'b', iat: 2 }]);
    const stale = {
      ...before,
      status: { jwtTokensByRole: { ...before.status?.jwtTokensByRole, gone: { items: [{ iat: 5 }] } } },
    };
    const after = withAlignedTokens(stale);
    expect(inSpec(after)).toEqual([
      { id: 'b', iat: 2 },
      { id: '1', iat: 1 },
    ]);
    expect(after.status?.jwtTokensByRole).toEqual({ dev: { items: inSpec(after) } });
    expect(withAlignedTokens({ ...before, spec: {} }).spec).toEqual({});
  });
});
