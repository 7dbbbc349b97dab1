import { describe, expect, it } from 'vitest';
import type { StoredProject } from '../effective.ts';
import type { ProjectSpec } from '../project.ts';
import type { GlobalProject } from '../rules/global.ts';
import { concernedProjects, fallOut, type GovernedApplication, type Projects } from './fall-out.ts';

const home = 'argocd';
const cluster = { server: 'https://one', name: 'one' };

function projects(
  specs: Readonly<Record<string, unknown>>,
  globals: readonly GlobalProject[] = [],
  labels: Readonly<Record<string, string>> = {},
): Projects {
  const stored = Object.entries(specs).map(([name, spec]): [string, StoredProject] => [
    name,
    { name, labels, spec, clusters: [] },
  ]);
  return { stored: new Map(stored), globals };
}

const open: ProjectSpec = {
  sourceRepos: ['*'],
  destinations: [{ server: '*', namespace: '*' }],
  clusterResourceWhitelist: [{ group: '*', kind: '*' }],
  sourceNamespaces: ['team-*'],
};

const web: GovernedApplication = {
  project: 'p',
  name: 'web',
  namespace: home,
  repositories: ['https://git/a', 'https://git/b'],
  destinationNamespace: 'shop',
  cluster,
  objects: [
    { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' },
    { group: '', kind: 'ConfigMap', namespace: 'other', name: 'web' },
    { group: '', kind: 'Namespace', namespace: undefined, name: 'shop' },
  ],
};

function narrowed(spec: unknown, application: GovernedApplication = web): string[] {
  const { applications, objects } = fallOut(
    [application],
    projects({ p: open }),
    projects({ p: spec }),
    home,
  );
  return [
    ...applications.map(({ part, rule }) => `${part} by ${rule}`),
    ...objects.map(({ object, rule }) => `${object.kind} by ${rule}`),
  ];
}

describe('core/project/fall-out', () => {
  it.each<[string, unknown, string[]]>([
    ['nothing where nothing changes', open, []],
    [
      'a source, whichever of them',
      { ...open, sourceRepos: ['https://git/a'] },
      ['source by spec.sourceRepos'],
    ],
    [
      'a destination, with all objects in namespaces',
      { ...open, destinations: [{ server: 'https://two', namespace: '*' }] },
      [
        'destination by spec.destinations',
        'Deployment by spec.destinations',
        'ConfigMap by spec.destinations',
      ],
    ],
    [
      'objects in a namespace where the destination stays',
      { ...open, destinations: [{ server: '*', namespace: 'shop' }] },
      ['ConfigMap by spec.destinations'],
    ],
    [
      'objects of a kind that is denied',
      { ...open, namespaceResourceBlacklist: [{ group: 'apps', kind: '*' }] },
      ['Deployment by spec.namespaceResourceBlacklist[0]'],
    ],
    [
      'objects of no namespace, whose kinds have to be permitted',
      { ...open, clusterResourceWhitelist: [] },
      ['Namespace by spec.clusterResourceWhitelist'],
    ],
    ['nothing by source namespaces where it is at home', { ...open, sourceNamespaces: [] }, []],
    [
      'everything where the project can no longer be read',
      { sourceRepos: 'x' },
      ['source by ', 'destination by ', 'Deployment by ', 'ConfigMap by ', 'Namespace by '],
    ],
  ])('names %s', (_, spec, expected) => {
    expect(narrowed(spec)).toEqual(expected);
  });

  it('names applications of namespaces that are no longer permitted', () => {
    const there = { ...web, namespace: 'team-a', objects: [] };
    expect(narrowed({ ...open, sourceNamespaces: ['team-b'] }, there)).toEqual([
      'sourceNamespace by spec.sourceNamespaces',
    ]);
  });

  it('asks of an application without a cluster no destination, but its kinds', () => {
    const nowhere = { ...web, cluster: undefined };
    expect(narrowed({ ...open, destinations: [] }, nowhere)).toEqual([]);
    expect(narrowed({ ...open, namespaceResourceWhitelist: [] }, nowhere)).toEqual([
      'Deployment by spec.namespaceResourceWhitelist',
      'ConfigMap by spec.namespaceResourceWhitelist',
    ]);
  });

  it('names nothing that was refused before, nor where there was no project', () => {
    const before = projects({ p: { ...open, sourceRepos: ['https://git/a'] } });
    const after = projects({ p: { ...open, sourceRepos: [] } });
    expect(fallOut([web], before, after, home).applications).toEqual([]);
    expect(fallOut([web], projects({}), projects({ p: {} }), home)).toEqual({
      applications: [],
      objects: [],
    });
  });

  it('counts what is inherited, before and after', () => {
    const globals = [{ projectName: 'g', labelSelector: {} }];
    const own = { ...open, sourceRepos: [] };
    const before = projects({ p: own, g: { sourceRepos: ['*'] } }, globals);
    const after = projects({ p: own, g: { sourceRepos: ['https://git/a'] } }, globals);
    expect(fallOut([web], before, after, home).applications).toMatchObject([
      {
        part: 'source',
        message: "application repo https://git/b is not permitted in project 'p'",
      },
    ]);
  });

  it('concerns those that inherit from a project before or after', () => {
    const globals = [{ projectName: 'g', labelSelector: { matchLabels: { team: 'a' } } }];
    const all = { p: open, q: open, g: open };
    const without = projects(all, globals);
    const labelled = projects(all, globals, { team: 'a' });
    expect(concernedProjects('p', without, without)).toEqual(['p']);
    expect(concernedProjects('g', without, without)).toEqual(['g']);
    expect(concernedProjects('g', without, labelled)).toEqual(['g', 'p', 'q']);
    expect(concernedProjects('g', labelled, without)).toEqual(['g', 'p', 'q']);
  });
});
