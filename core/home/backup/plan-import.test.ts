import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { applicationNamespaces, backedUp, isBackedUp, referencedSecrets } from './backed-up.ts';
import { type ImportChoice, planImport } from './plan-import.ts';

const homes = { controlPlane: 'argocd', patterns: ['team-*'] };
const choice: ImportChoice = { homes, prune: false, stopOperation: false, ignoreTracking: false };
const none: ReadonlySet<string> = new Set();

function object(kind: string, name: string, more: object = {}, metadata: object = {}): Manifest {
  const apiVersion = kind === 'Secret' || kind === 'ConfigMap' ? 'v1' : 'argoproj.io/v1alpha1';
  return { apiVersion, kind, metadata: { name, ...metadata }, ...more };
}

const live = (one: Manifest, more: object = {}): Manifest => ({
  ...one,
  ...more,
  metadata: { namespace: 'argocd', ...one.metadata, uid: 'u', resourceVersion: '7', managedFields: [] },
});

const web = object('Application', 'web', { spec: { project: 'default' } });
const said = (steps: ReturnType<typeof planImport>) =>
  steps.map(({ action, key }) => `${action} ${key.kind} ${key.name}`);

describe('core/home/backup', () => {
  it('brings back what others rest on first, whatever the order of the backup', () => {
    const backup = [
      object('ApplicationSet', 'all'),
      web,
      object('AppProject', 'team'),
      object('Secret', 'argocd-secret'),
      object('ConfigMap', 'argocd-cm'),
    ];
    expect(said(planImport(backup, [], choice))).toEqual([
      'create ConfigMap argocd-cm',
      'create Secret argocd-secret',
      'create AppProject team',
      'create Application web',
      'create ApplicationSet all',
    ]);
  });

  it('drops status and operation of applications, and keeps the tokens of projects', () => {
    const rich = { status: { sync: { status: 'Synced' } }, operation: { sync: {} } };
    const status = { jwtTokensByRole: { ci: { items: [{ iat: 1 }] } } };
    const steps = planImport(
      [
        { ...web, ...rich },
        object('AppProject', 'team', { spec: {}, status }),
        object('ApplicationSet', 'all', rich),
      ],
      [],
      choice,
    );
    const created = steps.map((step) => (step.action === 'create' ? step.object : undefined));
    expect(created[0]).toMatchObject({ kind: 'AppProject', status });
    for (const one of created.slice(1)) {
      expect(one).not.toHaveProperty('status');
      expect(one).not.toHaveProperty('operation');
    }
  });

  it('leaves a live object that says the same, with its own status and request', () => {
    const there = live(web, { status: { health: {} }, operation: { sync: {} } });
    expect(planImport([{ ...web, status: { health: { status: 'Healthy' } } }], [there], choice)).toEqual([
      { action: 'unchanged', key: expect.objectContaining({ name: 'web' }), live: there },
    ]);
  });

  it('changes what the backup says otherwise, and takes the request back where that is wanted', () => {
    const there = live(web, { status: { health: {} }, operation: { sync: {} } });
    const other = object(
      'Application',
      'web',
      { spec: { project: 'team' } },
      { labels: { a: 'b' }, namespace: 'argocd' },
    );
    const [step] = planImport([other], [there], choice);
    expect(step).toMatchObject({
      action: 'update',
      object: {
        spec: { project: 'team' },
        status: { health: {} },
        operation: { sync: {} },
        metadata: { labels: { a: 'b' }, resourceVersion: '7', uid: 'u' },
      },
    });
    const [stopped] = planImport([web], [there], { ...choice, stopOperation: true });
    expect(stopped).toMatchObject({ action: 'update' });
    expect(stopped).not.toHaveProperty('object.operation');
  });

  it('compares Secrets as the cluster stores them', () => {
    const secret = object('Secret', 'repo', {
      stringData: { url: 'https://git.example.com/a' },
      type: 'Opaque',
    });
    const stored = live(
      object('Secret', 'repo', { data: { url: 'aHR0cHM6Ly9naXQuZXhhbXBsZS5jb20vYQ==' }, type: 'Opaque' }),
    );
    expect(said(planImport([secret], [stored], choice))).toEqual(['unchanged Secret repo']);
  });

  it('names what the backup does not have, and deletes it only when told, dependants first', () => {
    const rest = [live(object('AppProject', 'old')), live(object('ApplicationSet', 'old')), live(web)];
    expect(said(planImport([], rest, choice))).toEqual([
      'unwanted ApplicationSet old',
      'unwanted Application web',
      'unwanted AppProject old',
    ]);
    expect(said(planImport([], rest, { ...choice, prune: true }))).toEqual([
      'prune ApplicationSet old',
      'prune Application web',
      'prune AppProject old',
    ]);
    const settings = [live(object('ConfigMap', 'argocd-cm'))];
    expect(planImport([], settings, { ...choice, prune: true })).toEqual([]);
  });

  it('skips what belongs into no namespace of this control plane, and what no backup holds', () => {
    const backup = [
      object('Application', 'theirs', {}, { namespace: 'elsewhere' }),
      object('Application', 'ours', {}, { namespace: 'team-a' }),
      object('Secret', 'foreign', {}, { namespace: 'kube-system' }),
      object('Namespace', 'team-a'),
    ];
    expect(said(planImport(backup, [], choice))).toEqual([
      'skip Secret foreign',
      'skip Application theirs',
      'create Application ours',
      'skip Namespace team-a',
    ]);
  });

  it('leaves marks of tracking as they are, where that is wanted', () => {
    const marked = (id: string) => ({
      annotations: { 'argocd.argoproj.io/tracking-id': id },
      labels: { 'app.kubernetes.io/instance': id },
    });
    const backup = object('Application', 'web', { spec: { project: 'default' } }, marked('before'));
    const tracked = { ...choice, ignoreTracking: true };
    const there = live(object('Application', 'web', { spec: { project: 'default' } }, marked('now')));
    expect(said(planImport([backup], [there], tracked))).toEqual(['unchanged Application web']);
    expect(said(planImport([backup], [there], choice))).toEqual(['update Application web']);
  });

  it('holds what owners wrote, without what a server adds', () => {
    const there = live(web, { status: { health: {} }, operation: { sync: {} } });
    const annotated = {
      ...there,
      metadata: { ...there.metadata, annotations: { a: 'b' }, finalizers: ['f'] },
    };
    expect(backedUp(annotated, 'argocd')).toEqual({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'web', annotations: { a: 'b' }, finalizers: ['f'] },
      spec: { project: 'default' },
      status: { health: {} },
    });
    expect(backedUp(there, 'other').metadata.namespace).toBe('argocd');
  });

  it.each<[string, Manifest, boolean]>([
    ['settings', object('ConfigMap', 'argocd-cm', {}, { namespace: 'argocd' }), true],
    ['settings of somebody else', object('ConfigMap', 'argocd-cm', {}, { namespace: 'other' }), false],
    ['any ConfigMap', object('ConfigMap', 'kube-root-ca.crt', {}, { namespace: 'argocd' }), false],
    [
      'a repository',
      object(
        'Secret',
        'r',
        {},
        { namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
      ),
      true,
    ],
    ['any Secret', object('Secret', 'tls', {}, { namespace: 'argocd' }), false],
    ['a Secret that settings name', object('Secret', 'sso', {}, { namespace: 'argocd' }), true],
    ['an application elsewhere', object('Application', 'a', {}, { namespace: 'team-b' }), true],
    ['an application where none may be', object('Application', 'a', {}, { namespace: 'default' }), false],
    ['a project elsewhere', object('AppProject', 'a', {}, { namespace: 'team-b' }), false],
    [
      'another kind of that name',
      { ...web, apiVersion: 'app.k8s.io/v1', metadata: { namespace: 'argocd' } },
      false,
    ],
  ])('holds %s', (_name, one, held) => {
    const referenced = referencedSecrets(
      object('ConfigMap', 'argocd-cm', {
        data: { 'oidc.config': 'clientSecret: $sso:secret\nclientID: $own.key' },
      }),
    );
    expect([...referenced]).toEqual(['sso']);
    expect(isBackedUp(one, homes, referenced)).toBe(held);
    expect(isBackedUp(object('Secret', 'sso', {}, { namespace: 'argocd' }), homes, none)).toBe(false);
  });

  it('reads where applications may live', () => {
    const parameters = object('ConfigMap', 'argocd-cmd-params-cm', {
      data: { 'application.namespaces': ' team-*, , /x/' },
    });
    expect(applicationNamespaces(parameters)).toEqual(['team-*', '/x/']);
    expect(applicationNamespaces(undefined)).toEqual([]);
  });
});
