import { describe, expect, it } from 'vitest';
import type { ProjectSpec } from '../project.ts';
import { differingFields, rulesOf, withNormalPolicies, withoutInherited, withoutTokens } from './own-part.ts';

describe('core/project/own-part', () => {
  it('leaves the tokens of roles out, and nothing else of them', () => {
    const spec = { roles: [{ name: 'ci', groups: ['g'], jwtTokens: [{ iat: 1 }] }], description: 'x' };
    expect(withoutTokens(spec)).toEqual({ roles: [{ name: 'ci', groups: ['g'] }], description: 'x' });
    expect(withoutTokens({ description: 'x' })).toEqual({ description: 'x' });
  });

  it('writes policies in one way', () => {
    const roles = [{ name: 'a', policies: ['p,proj:p:a , applications,get,  p/*,allow'] }, { name: 'b' }];
    expect(withNormalPolicies({ roles }).roles).toEqual([
      { name: 'a', policies: ['p, proj:p:a, applications, get, p/*, allow'] },
      { name: 'b' },
    ]);
  });

  it.each<[string, ProjectSpec, ProjectSpec, ProjectSpec]>([
    [
      'leaves out what is inherited',
      { sourceRepos: ['mine', 'theirs'], syncWindows: [{ kind: 'deny' }] },
      { sourceRepos: ['mine'] },
      { sourceRepos: ['mine'] },
    ],
    [
      'keeps what was its own before, though it is inherited too',
      { sourceRepos: ['theirs'] },
      { sourceRepos: ['theirs'] },
      { sourceRepos: ['theirs'] },
    ],
    [
      'keeps a list empty that was empty',
      { sourceRepos: ['theirs'] },
      { sourceRepos: [] },
      { sourceRepos: [] },
    ],
    [
      'has no list where it had none, for an empty one would permit nothing',
      { namespaceResourceWhitelist: [{ group: '', kind: 'Pod' }] },
      {},
      {},
    ],
    ['leaves alone what is never inherited', { description: 'x' }, {}, { description: 'x' }],
  ])('%s', (_, spec, own, expected) => {
    const globals: ProjectSpec[] = [
      { sourceRepos: ['theirs'], syncWindows: [{ kind: 'deny' }] },
      { namespaceResourceWhitelist: [{ group: '', kind: 'Pod' }] },
    ];
    expect(JSON.parse(JSON.stringify(withoutInherited(spec, own, globals)))).toEqual(expected);
  });

  it('names the fields that differ', () => {
    expect(
      differingFields({ sourceRepos: ['a'], description: 'x' }, { description: 'x', roles: [] }),
    ).toEqual(['roles', 'sourceRepos']);
    expect(differingFields({ sourceRepos: ['a'] }, { sourceRepos: ['a'] })).toEqual([]);
  });

  it('takes for rules what applications go by', () => {
    expect(rulesOf({ description: 'x', roles: [], sourceRepos: ['a'] })).toEqual({ sourceRepos: ['a'] });
  });
});
