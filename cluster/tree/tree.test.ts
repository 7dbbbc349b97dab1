import { describe, expect, it } from 'vitest';
import { keyId, type ResourceKey } from '../../core/object/key.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { buildTree } from './tree.ts';

function object(kind: string, name: string, owners: string[] = [], more: object = {}): Manifest {
  const apiVersion = kind === 'Pod' || kind === 'Service' ? 'v1' : 'apps/v1';
  const ownerReferences = owners.map((uid) => ({ apiVersion, kind: 'X', name: uid, uid }));
  const metadata = { name, namespace: 'ns', uid: name, resourceVersion: '7', ownerReferences };
  return { apiVersion, kind, metadata, ...more };
}

function treeOf(objects: Manifest[], targets: ResourceKey[], permits?: (key: ResourceKey) => boolean) {
  return buildTree({
    ...(permits === undefined ? {} : { permits }),
    targets: targets.map((key) => ({ key, apiVersion: key.group === '' ? 'v1' : 'apps/v1' })),
    get: (key) => objects.find((each) => keyId(keyOf(each)) === keyId(key)),
    children: (uid) =>
      objects.filter((each) => each.metadata.ownerReferences?.some((owner) => owner.uid === uid)),
    assessHealth: (each) => (each.kind === 'Pod' ? { status: 'Healthy' } : undefined),
    maskedAnnotations: ['link.argocd.argoproj.io/hidden'],
  });
}

const key = (kind: string, name: string): ResourceKey => ({
  group: kind === 'Pod' || kind === 'Service' ? '' : 'apps',
  kind,
  namespace: 'ns',
  name,
});

describe('cluster/tree', () => {
  it('cuts what is not permitted, with all that it owns', () => {
    const objects = [
      object('Pod', 'pod', ['set']),
      object('ReplicaSet', 'set', ['web']),
      object('Deployment', 'web'),
      object('Service', 'svc'),
    ];
    const targets = [key('Deployment', 'web'), key('Service', 'svc'), key('Service', 'missing')];
    const names = (kind: string) =>
      treeOf(objects, targets, (one) => one.kind !== kind).map(({ name }) => name);
    expect(names('ReplicaSet')).toEqual(['web', 'svc', 'missing']);
    expect(names('Service')).toEqual(['web', 'set', 'pod']);
  });

  it('puts owned objects under their owners, parents first', () => {
    const objects = [
      object('Pod', 'pod-b', ['set']),
      object('Pod', 'pod-a', ['set']),
      object('ReplicaSet', 'set', ['web']),
      object('Deployment', 'web'),
      object('Pod', 'stranger'),
    ];
    const tree = treeOf(objects, [key('Deployment', 'web')]);
    expect(tree.map((node) => [node.name, node.parentRefs.map((ref) => ref.uid)])).toEqual([
      ['web', []],
      ['set', ['web']],
      ['pod-a', ['set']],
      ['pod-b', ['set']],
    ]);
    expect(tree[2]).toMatchObject({
      version: 'v1',
      uid: 'pod-a',
      resourceVersion: '7',
      health: { status: 'Healthy' },
    });
    expect(tree[0]).not.toHaveProperty('health');
  });

  it('shows a target that is not there as missing and without uid', () => {
    const [node] = treeOf([], [key('Deployment', 'web')]);
    expect(node).toMatchObject({ group: 'apps', version: 'v1', name: 'web', health: { status: 'Missing' } });
    expect(node).not.toHaveProperty('uid');
  });

  it('shows an object of two owners once, with both', () => {
    const objects = [object('Deployment', 'a'), object('Deployment', 'b'), object('Pod', 'p', ['a', 'b'])];
    const tree = treeOf(objects, [key('Deployment', 'a'), key('Deployment', 'b')]);
    expect(tree.map((node) => node.name)).toEqual(['a', 'b', 'p']);
    expect(tree[2]?.parentRefs.map((ref) => ref.name)).toEqual(['a', 'b']);
  });

  it('ends circles of owners', () => {
    const objects = [object('Deployment', 'a', ['b']), object('Deployment', 'b', ['a'])];
    expect(treeOf(objects, [key('Deployment', 'a')]).map((node) => node.name)).toEqual(['a', 'b']);
  });

  it('says of a pod where it runs, what it runs and how that goes', () => {
    const pod = object('Pod', 'p', [], {
      spec: {
        nodeName: 'n1',
        containers: [{ image: 'b:1' }, { image: 'a:1' }],
        initContainers: [{ image: 'b:1' }, { image: 'c:1' }],
      },
      status: {
        phase: 'Running',
        containerStatuses: [
          { ready: true, restartCount: 2 },
          { ready: false, restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } },
        ],
      },
    });
    const [node] = treeOf([pod], [key('Pod', 'p')]);
    expect(node?.images).toEqual(['a:1', 'b:1', 'c:1']);
    expect(node?.info).toEqual([
      { name: 'Status Reason', value: 'CrashLoopBackOff' },
      { name: 'Node', value: 'n1' },
      { name: 'Containers', value: '1/2' },
      { name: 'Restart Count', value: '3' },
    ]);
  });

  it('shows no value of a Secret, wherever it stands, and no annotation that the settings mask', () => {
    const value = 'canary-of-a-secret';
    const base64 = Buffer.from(value).toString('base64');
    const secret: Manifest = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        ...{ name: 'login', namespace: 'ns', uid: 'login', labels: { copy: value } },
        annotations: {
          'link.argocd.argoproj.io/docs': 'https://docs.test/a',
          'link.argocd.argoproj.io/leak': `https://docs.test/?token=${value}`,
          'link.argocd.argoproj.io/coded': `https://docs.test/?token=${base64}`,
          'link.argocd.argoproj.io/hidden': 'https://hidden.test',
          'deployment.kubernetes.io/revision': value,
        },
      },
      type: 'Opaque',
      data: { password: base64 },
    };
    const annotations = { 'link.argocd.argoproj.io/hidden': 'https://hidden.test' };
    const pod = object('Pod', 'a');
    const tree = treeOf(
      [secret, { ...pod, metadata: { ...pod.metadata, annotations } }],
      [key('Pod', 'a'), { group: '', kind: 'Secret', namespace: 'ns', name: 'login' }],
    );
    expect(tree[1]?.networkingInfo).toEqual({ externalURLs: ['https://docs.test/a'] });
    for (const hidden of [value, base64, 'hidden.test']) expect(JSON.stringify(tree)).not.toContain(hidden);
  });
});
