import { describe, expect, it } from 'vitest';
import { createKindRegistry, type ReadJson } from './discovery.ts';

const verbs = ['get', 'list', 'watch'];

function aggregated(groups: Record<string, Record<string, string[]>>, stale: string[] = []): object {
  return {
    kind: 'APIGroupDiscoveryList',
    items: Object.entries(groups).map(([name, versions]) => ({
      metadata: { name },
      versions: Object.entries(versions).map(([version, kinds]) => ({
        version,
        freshness: stale.includes(`${name}/${version}`) ? 'Stale' : 'Current',
        resources: kinds.map((kind) => ({
          resource: `${kind.toLowerCase()}s`,
          responseKind: { group: name, version, kind },
          scope: 'Namespaced',
          verbs,
        })),
      })),
    })),
  };
}

/** A server that speaks the one-document form, and counts how often it was asked. */
function modernServer(groups: () => object): ReadJson & { looks: number } {
  const read = async (path: string): Promise<unknown> => {
    if (path === '/api') return aggregated({ '': { v1: ['Pod'] } });
    server.looks++;
    return groups();
  };
  const server = Object.assign(read, { looks: 0 });
  return server;
}

function openRegistry(server: ReadJson) {
  return createKindRegistry('east', server, 1);
}

describe('cluster/discovery', () => {
  it('prefers the first version that has a kind', async () => {
    const groups = aggregated({ autoscaling: { v2: ['Scaler'], v1: ['Scaler', 'Old'] } });
    const registry = openRegistry(modernServer(() => groups));
    expect(await registry.preferredResource('autoscaling', 'Scaler')).toMatchObject({
      version: 'v2',
      preferred: true,
    });
    expect(await registry.preferredResource('autoscaling', 'Old')).toMatchObject({
      version: 'v1',
      preferred: true,
    });
    expect(await registry.resourceFor('autoscaling/v1', 'Scaler')).toMatchObject({ preferred: false });
    expect(await registry.resourceFor('v1', 'Pod')).toMatchObject({
      group: '',
      plural: 'pods',
      namespaced: true,
    });
  });

  it('looks once for all who ask at the same time', async () => {
    const server = modernServer(() => aggregated({ apps: { v1: ['Deployment'] } }));
    const registry = openRegistry(server);
    await Promise.all([1, 2, 3].map(() => registry.resourceFor('apps/v1', 'Deployment')));
    await registry.discover();
    expect(server.looks).toBe(1);
  });

  it('looks again for a kind that it does not know', async () => {
    let groups = aggregated({});
    const server = modernServer(() => groups);
    const registry = openRegistry(server);
    await registry.discover();
    groups = aggregated({ 'example.test': { v1: ['Widget'] } });
    expect(await registry.resourceFor('example.test/v1', 'Widget')).toMatchObject({ plural: 'widgets' });
    expect(server.looks).toBe(2);
  });

  it('names the missing kind, its version and the cluster', async () => {
    const server = modernServer(() => aggregated({}));
    const registry = openRegistry(server);
    await registry.discover();
    const asked = [1, 2, 3].map(() => registry.resourceFor('example.test/v1', 'Widget'));
    for (const each of await Promise.allSettled(asked)) {
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'kind-unknown', retryable: false } });
    }
    await expect(asked[0]).rejects.toThrow(
      'the server could not find the requested resource (example.test/v1 Widget) on cluster east; is the CustomResourceDefinition',
    );
    expect(server.looks).toBe(2);
  });

  it('names the versions in which the cluster has a kind, in its own group first', async () => {
    const registry = openRegistry(
      modernServer(() =>
        aggregated({
          'example.test': { v1: ['Widget'], v1beta2: ['Widget'] },
          'other.test': { v9: ['Widget', 'Gadget'] },
        }),
      ),
    );
    await expect(registry.resourceFor('example.test/v1alpha1', 'Widget')).rejects.toMatchObject({
      message: expect.stringContaining(
        '; the cluster serves example.test/v1, example.test/v1beta2, so write',
      ),
      details: { versions: 'example.test/v1, example.test/v1beta2' },
    });
    await expect(registry.resourceFor('example.test/v1', 'Gadget')).rejects.toThrow(
      'the cluster serves other.test/v9, so write one of these as apiVersion',
    );
  });

  it('reports a group that does not answer, keeps the others, and lets its kinds be tried again', async () => {
    const groups = aggregated({ apps: { v1: ['Deployment'] }, 'broken.test': { v1: [] } }, [
      'broken.test/v1',
    ]);
    const registry = openRegistry(modernServer(() => groups));
    const { failures } = await registry.discover();
    expect(failures).toEqual([
      { groupVersion: 'broken.test/v1', reason: expect.stringContaining('does not answer') },
    ]);
    expect(await registry.resourceFor('apps/v1', 'Deployment')).toBeDefined();
    await expect(registry.preferredResource('broken.test', 'Thing')).rejects.toMatchObject({
      key: { group: 'broken.test', kind: 'Thing' },
    });
    await expect(registry.resourceFor('broken.test/v1', 'Thing')).rejects.toMatchObject({ retryable: true });
  });

  it('reads the older form of discovery, one document per version', async () => {
    const documents: Record<string, unknown> = {
      '/api': { kind: 'APIVersions', versions: ['v1'] },
      '/apis': {
        kind: 'APIGroupList',
        groups: [
          {
            versions: [{ groupVersion: 'apps/v1beta1' }, { groupVersion: 'apps/v1' }],
            preferredVersion: { groupVersion: 'apps/v1' },
          },
          { versions: [{ groupVersion: 'broken.test/v1' }] },
        ],
      },
      '/api/v1': { resources: [{ name: 'nodes', kind: 'Node', namespaced: false, verbs }] },
      '/apis/apps/v1': {
        resources: [
          { name: 'deployments', kind: 'Deployment', namespaced: true, verbs },
          { name: 'deployments/scale', kind: 'Scale', namespaced: true, verbs },
        ],
      },
      '/apis/apps/v1beta1': {
        resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true, verbs }],
      },
    };
    const registry = openRegistry(async (path) => {
      if (path in documents) return documents[path];
      throw new Error('503');
    });
    const { resources, failures } = await registry.discover();
    expect(resources.map(({ apiVersion, kind, preferred }) => [apiVersion, kind, preferred])).toEqual([
      ['v1', 'Node', true],
      ['apps/v1', 'Deployment', true],
      ['apps/v1beta1', 'Deployment', false],
    ]);
    expect(failures).toEqual([{ groupVersion: 'broken.test/v1', reason: '503' }]);
  });

  it('keeps what it knows when a later look fails', async () => {
    let failing = false;
    const server = modernServer(() => {
      if (failing) throw new Error('down');
      return aggregated({ apps: { v1: ['Deployment'] } });
    });
    const registry = openRegistry(server);
    await registry.discover();
    failing = true;
    await expect(registry.discover({ refresh: true })).rejects.toThrow('down');
    expect(await registry.resourceFor('apps/v1', 'Deployment')).toBeDefined();
  });
});
