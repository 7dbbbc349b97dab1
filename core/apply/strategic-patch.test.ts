import { describe, expect, it } from 'vitest';
import { strategicPatch } from './strategic-patch.ts';

const alone = { others: [] };
const none = { before: undefined, live: undefined, ...alone };

function podOf(container: object, more: object = {}) {
  return { spec: { template: { spec: { containers: [{ name: 'main', ...container }], ...more } } } };
}

describe('core/apply/strategic-patch', () => {
  it('names elements that were written before and are not desired any more', () => {
    const before = podOf({ env: [{ name: 'A' }, { name: 'B' }] });
    const patch = strategicPatch('Deployment', {
      ...alone,
      desired: podOf({ env: [{ name: 'A', value: '1' }] }),
      before,
      live: before,
    });
    expect(patch).toEqual({
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: 'main',
                env: [
                  { name: 'A', value: '1' },
                  { $patch: 'delete', name: 'B' },
                ],
                '$setElementOrder/env': [{ name: 'A' }],
              },
            ],
            '$setElementOrder/containers': [{ name: 'main' }],
          },
        },
      },
    });
  });

  it.each([
    [
      'is desired twice',
      [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
      [],
    ],
    ['stands twice in the live list', [{ name: 'A' }], [{ name: 'A' }, { name: 'A' }]],
    ['is missing from an element', [{ value: '1' }], []],
  ])('replaces a list in which a merge key %s', (_, desired, live) => {
    const patch = strategicPatch('Pod', {
      ...none,
      desired: { spec: { containers: [{ name: 'main', env: desired }] } },
      live: { spec: { containers: [{ name: 'main', env: live }] } },
    });
    expect(patch).toMatchObject({
      spec: { containers: [{ env: [{ $patch: 'replace' }, ...desired] }] },
    });
  });

  it('takes Service ports by port and those of containers by container port', () => {
    const service = strategicPatch('Service', {
      ...alone,
      desired: { spec: { ports: [{ port: 80 }] } },
      before: { spec: { ports: [{ port: 81 }] } },
      live: { spec: { ports: [{ port: 81 }] } },
    });
    expect(service).toMatchObject({ spec: { ports: [{ port: 80 }, { $patch: 'delete', port: 81 }] } });
    const pod = strategicPatch('Pod', {
      ...alone,
      desired: { spec: { containers: [{ name: 'main', ports: [{ containerPort: 80 }] }] } },
      before: { spec: { containers: [{ name: 'main', ports: [{ containerPort: 81 }] }] } },
      live: { spec: { containers: [{ name: 'main', ports: [{ containerPort: 81 }] }] } },
    });
    expect(pod).toMatchObject({
      spec: { containers: [{ ports: [{ containerPort: 80 }, { $patch: 'delete', containerPort: 81 }] }] },
    });
  });

  it('lets a volume keep only the source that is desired', () => {
    const patch = strategicPatch('Pod', {
      ...alone,
      desired: { spec: { volumes: [{ name: 'v', secret: { secretName: 's' } }] } },
      before: { spec: { volumes: [{ name: 'v', configMap: { name: 'c' } }] } },
      live: { spec: { volumes: [{ name: 'v', configMap: { name: 'c' } }] } },
    });
    expect(patch).toMatchObject({
      spec: { volumes: [{ name: 'v', secret: { secretName: 's' }, $retainKeys: ['name', 'secret'] }] },
    });
    expect(JSON.stringify(patch)).not.toContain('configMap');
  });

  it('clears the parameters of a rollout strategy that is not used any more', () => {
    const patch = strategicPatch('Deployment', {
      ...alone,
      desired: { spec: { strategy: { type: 'Recreate' } } },
      before: { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } },
      live: { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } },
    });
    expect(patch).toEqual({ spec: { strategy: { type: 'Recreate', $retainKeys: ['type'] } } });
  });

  it('removes its own finalizers and no others', () => {
    const patch = strategicPatch('ConfigMap', {
      ...alone,
      desired: { metadata: { finalizers: ['a'] } },
      before: { metadata: { finalizers: ['a', 'b'] } },
      live: { metadata: { finalizers: ['a', 'b', 'theirs'] } },
    });
    expect(patch).toEqual({
      metadata: { finalizers: ['a'], '$deleteFromPrimitiveList/finalizers': ['b'] },
    });
  });

  it('sends elements and unions that are new without directives', () => {
    const added = { name: 'new', env: [{ name: 'A' }], ports: [{ containerPort: 80 }] };
    const desired = podOf({}, { volumes: [{ name: 'v', emptyDir: {} }] });
    desired.spec.template.spec.containers.push(added);
    const patch = strategicPatch('Deployment', { ...alone, desired, before: undefined, live: podOf({}) });
    expect(patch).toEqual({
      spec: {
        template: {
          spec: {
            containers: [{ name: 'main' }, added],
            '$setElementOrder/containers': [{ name: 'main' }, { name: 'new' }],
            volumes: [{ name: 'v', emptyDir: {} }],
          },
        },
      },
    });
  });

  it('sends lists without a merge key as they are', () => {
    const desired = { rules: [{ verbs: ['get'] }] };
    expect(
      strategicPatch('Role', { ...alone, desired, before: { rules: [{}, {}] }, live: undefined }),
    ).toEqual(desired);
  });

  it('leaves what others own: their elements, their fields of an element that goes, and the list that holds them', () => {
    const env = [
      { name: 'OURS', value: '1' },
      { name: 'SHARED', value: '1', valueFrom: {} },
    ];
    const others = [
      {
        'f:spec': {
          'f:containers': { 'k:{"name":"main"}': { 'f:env': { 'k:{"name":"SHARED"}': { 'f:value': {} } } } },
        },
      },
    ];
    const state = { spec: { containers: [{ name: 'main', env }] } };
    const patch = strategicPatch('Pod', {
      desired: { spec: { containers: [{ name: 'main' }] } },
      before: state,
      live: state,
      others,
    });
    const [container] = (patch['spec'] as { containers: object[] }).containers;
    expect(container).toEqual({
      name: 'main',
      env: [
        { $patch: 'delete', name: 'OURS' },
        { name: 'SHARED', valueFrom: null },
      ],
      '$setElementOrder/env': [],
    });
  });
});
