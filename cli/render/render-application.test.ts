import { describe, expect, it } from 'vitest';
import { Application } from '../../core/application/spec/spec.ts';
import type { ResourceTree, TreeNode } from '../../core/wire/tree.ts';
import { treeNode } from '../../test/support/keelson/api/tree-node.ts';
import {
  formatApplicationList,
  formatHistory,
  formatResources,
  formatSummary,
} from './render-application.ts';
import { formatTree, formatTreeTable } from './render-tree.ts';

const sha = '53e28ff20cc530b9ada2173fbbd64d48338583ba';
const source = { repoURL: 'https://git.example.com/apps.git', path: 'guestbook', targetRevision: 'main' };
const web = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'demo', name: 'web' };
const job = { group: 'batch', version: 'v1', kind: 'Job', namespace: 'demo', name: 'migrate' };

const application = Application.parse({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'guestbook', namespace: 'argocd' },
  spec: {
    project: 'default',
    source,
    destination: { server: 'https://kubernetes.default.svc', namespace: 'demo' },
    syncPolicy: { automated: { prune: true } },
  },
  status: {
    sync: { status: 'OutOfSync', revision: sha },
    health: { status: 'Degraded', message: 'web: crash' },
    conditions: [
      { type: 'SyncError', message: 'a' },
      { type: 'SyncError', message: 'b' },
      { type: 'OrphanedResourceWarning', message: 'c' },
    ],
    resources: [{ ...web, status: 'OutOfSync', health: { status: 'Degraded' } }],
    operationState: {
      operation: { sync: {} },
      phase: 'Failed',
      startedAt: '2026-01-01T00:00:00Z',
      finishedAt: '2026-01-01T00:00:03Z',
      syncResult: {
        resources: [
          { ...job, hookType: 'PreSync', hookPhase: 'Succeeded', message: 'job completed' },
          { ...web, status: 'SyncFailed', message: 'field is immutable' },
        ],
      },
    },
    history: [
      { id: 0, revision: sha, source, deployedAt: '2026-01-01T00:00:00Z' },
      { id: 1, revision: 'b'.repeat(40), source, deployedAt: '2026-01-02T00:00:00Z' },
    ],
  },
});

function columnsOf(table: string): string[][] {
  return table
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));
}

describe('cli/render-application', () => {
  it('lists an application in the columns that scripts know', () => {
    const bare = Application.parse({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'b' },
      spec: { destination: { name: 'c' }, source },
    });
    expect(columnsOf(formatApplicationList([application, bare]))).toEqual([
      [
        'NAME',
        'CLUSTER',
        'NAMESPACE',
        'PROJECT',
        'STATUS',
        'HEALTH',
        'SYNCPOLICY',
        'CONDITIONS',
        'REPO',
        'PATH',
        'TARGET',
      ],
      [
        'argocd/guestbook',
        'https://kubernetes.default.svc',
        'demo',
        'default',
        'OutOfSync',
        'Degraded',
        'Auto-Prune',
        'SyncError(2),OrphanedResourceWarning',
        'https://git.example.com/apps.git',
        'guestbook',
        'main',
      ],
      // An empty namespace leaves no text between two gaps.
      ['b', 'c', 'default', 'Unknown', 'Unknown', 'Manual', '<none>', source.repoURL, 'guestbook', 'main'],
    ]);
  });

  it('sums an application up', () => {
    const windows = { activeWindows: [], assignedWindows: [], canSync: true };
    const text = formatSummary(application, { url: 'http://k/applications/argocd/guestbook', windows });
    expect(text.split('\n')).toEqual([
      'Name:               argocd/guestbook',
      'Project:            default',
      'Server:             https://kubernetes.default.svc',
      'Namespace:          demo',
      'URL:                http://k/applications/argocd/guestbook',
      'Source:',
      '- Repo:             https://git.example.com/apps.git',
      '  Target:           main',
      '  Path:             guestbook',
      'SyncWindow:         Sync Allowed',
      'Sync Policy:        Automated (Prune)',
      'Sync Status:        OutOfSync from main (53e28ff)',
      'Health Status:      Degraded (web: crash)',
      '',
    ]);
  });

  it('shows objects with what the last sync said, hooks after them', () => {
    const [header, ...rows] = columnsOf(formatResources(application));
    expect(header).toEqual(['GROUP', 'KIND', 'NAMESPACE', 'NAME', 'STATUS', 'HEALTH', 'HOOK', 'MESSAGE']);
    expect(rows).toEqual([
      ['apps', 'Deployment', 'demo', 'web', 'OutOfSync', 'Degraded', 'field is immutable'],
      ['batch', 'Job', 'demo', 'migrate', 'Succeeded', 'PreSync', 'job completed'],
    ]);
  });

  it('groups the history by repository', () => {
    expect(formatHistory(application)).toBe(
      [
        'SOURCE  https://git.example.com/apps.git',
        'ID  DATE                  REVISION',
        '0   2026-01-01T00:00:00Z  main (53e28ff)',
        '1   2026-01-02T00:00:00Z  main (bbbbbbb)',
        '',
      ].join('\n'),
    );
  });
});

type Drawn = Pick<TreeNode, 'kind' | 'name'> &
  Partial<Omit<TreeNode, 'parentRefs'>> & {
    readonly parentRefs?: readonly (Pick<TreeNode, 'kind' | 'name'> & Partial<TreeNode>)[];
  };

function treeOf(nodes: readonly Drawn[], orphaned: readonly Drawn[] = []): ResourceTree {
  const drawn = ({ parentRefs = [], ...node }: Drawn): TreeNode =>
    treeNode({ ...node, parentRefs: parentRefs.map((ref) => ({ group: '', namespace: '', ...ref })) });
  return { nodes: nodes.map(drawn), orphanedNodes: orphaned.map(drawn), hosts: [] };
}

const tree = treeOf(
  [
    { ...web, uid: '1', health: { status: 'Progressing', message: '1 of 2' } },
    {
      group: 'apps',
      kind: 'ReplicaSet',
      namespace: 'demo',
      name: 'web-1',
      uid: '2',
      parentRefs: [{ ...web, uid: '1' }],
    },
    {
      kind: 'Pod',
      namespace: 'demo',
      name: 'web-1-a',
      uid: '3',
      parentRefs: [{ kind: 'ReplicaSet', name: 'web-1', uid: '2' }],
    },
    {
      group: 'apps',
      kind: 'ReplicaSet',
      namespace: 'demo',
      name: 'web-2',
      uid: '4',
      parentRefs: [{ ...web, uid: '1' }],
    },
  ],
  [{ kind: 'ConfigMap', namespace: 'demo', name: 'stray' }],
);

describe('cli/render-tree', () => {
  it('draws objects below their owners', () => {
    expect(formatTree(tree, application).split('\n')).toEqual([
      'KIND/NAME           STATUS     HEALTH       MESSAGE',
      'Deployment/web      OutOfSync  Progressing  1 of 2',
      '├─ReplicaSet/web-1',
      '│ └─Pod/web-1-a',
      '└─ReplicaSet/web-2',
      '',
    ]);
  });

  it('draws a tree whose objects own each other without end', () => {
    const a = { kind: 'A', name: 'a', uid: 'a', parentRefs: [{ kind: 'B', name: 'b', uid: 'b' }] };
    const b = { kind: 'B', name: 'b', uid: 'b', parentRefs: [{ kind: 'A', name: 'a', uid: 'a' }] };
    const root = { kind: 'R', name: 'r', uid: 'r' };
    expect(formatTree(treeOf([root, a, b]))).toContain('R/r');
  });

  it('lists what is managed and what nobody manages', () => {
    expect(columnsOf(formatTreeTable(tree, application, { orphanedOnly: false })).slice(1)).toEqual([
      ['apps', 'Deployment', 'demo', 'web', 'No', 'OutOfSync', 'Progressing'],
      ['', 'ConfigMap', 'demo', 'stray', 'Yes'],
    ]);
    expect(formatTreeTable(tree, application, { orphanedOnly: true })).not.toContain('Deployment');
  });
});
