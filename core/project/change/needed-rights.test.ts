import { describe, expect, it } from 'vitest';
import type { ProjectSpec } from '../project.ts';
import { rightsForChange } from './needed-rights.ts';

const kind = { group: '*', kind: 'Namespace' };
const here: ProjectSpec = {
  sourceRepos: ['https://a'],
  destinations: [{ server: 'https://one', namespace: '*' }],
};

describe('core/project/needed-rights', () => {
  it.each<[string, ProjectSpec, ProjectSpec, string[]]>([
    ['nothing where nothing is added', here, { ...here, description: 'new' }, []],
    ['nothing where something is taken away', here, {}, []],
    [
      'the repositories that are added',
      here,
      { ...here, sourceRepos: ['https://a', '!b'] },
      ['repositories !b'],
    ],
    [
      'the clusters that are added, by server or else by name, each once',
      here,
      {
        ...here,
        destinations: [
          { server: 'https://one', namespace: 'other' },
          { name: 'two', namespace: 'a' },
          { name: 'two', namespace: 'b' },
        ],
      },
      ['clusters two'],
    ],
    ...(
      [
        'clusterResourceWhitelist',
        'clusterResourceBlacklist',
        'namespaceResourceWhitelist',
        'namespaceResourceBlacklist',
      ] as const
    ).map((list): [string, ProjectSpec, ProjectSpec, string[]] => [
      `all clusters where ${list} is another`,
      here,
      { ...here, [list]: [kind] },
      ['clusters https://one'],
    ]),
    [
      'all clusters where a list is taken away',
      { ...here, namespaceResourceWhitelist: [] },
      here,
      ['clusters https://one'],
    ],
  ])('asks for %s', (_, before, after, rights) => {
    const asked = rightsForChange(before, after);
    expect(asked.map(({ resource, object }) => `${resource} ${object}`)).toEqual(rights);
    expect(asked.every(({ action }) => action === 'update')).toBe(true);
  });
});
