import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { openProjects, openSpec, type TestProjects } from '../../support/keelson/projects.ts';

let keelson: TestKeelson;
let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let projects: TestProjects;

const namespace = 'impersonated';
const service: Manifest = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's' },
  spec: { ports: [{ port: 80 }] },
};
const key = (kind: string, name: string) => ({ group: '', kind, namespace, name });
const isThere = async (kind: string, name: string) =>
  (await keelson.cluster.get('v1', key(kind, name))) !== undefined;

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  keelson = await startKeelsonOn(facts);
  projects = openProjects(facts.databaseUrl);
  const metadata = { name: 'deployer', namespace };
  const { cluster } = keelson;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  // It may do everything with ConfigMaps but delete them, and nothing else.
  await cluster.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata,
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'create', 'patch', 'update'] }],
  });
  await cluster.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'deployer' },
    subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace }],
  });
  const words = { 'argocd-cm': { 'application.sync.impersonation.enabled': 'true' } };
  await keelson.client.settings.put(words, { partial: false });
});

afterAll(async () => {
  await projects?.close();
  await keelson?.cluster.delete('v1', { group: '', kind: 'Namespace', namespace: '', name: namespace });
  await keelson?.stop();
  await facts?.drop();
});

describe('destinationServiceAccounts', () => {
  it('writes, runs hooks and deletes as the account of the project, and as nobody where there is none', async () => {
    const accounts = [{ server: '*', namespace, defaultServiceAccount: 'deployer' }];
    await projects.put('as', { ...openSpec, destinationServiceAccounts: accounts });
    const hook = { 'argocd.argoproj.io/hook': 'PreSync' };
    const repository = await keelson.gitServer.createRepository('as', {
      'a.yaml': yamlOf(configMap('a', { v: '1' }), configMap('hook', { v: '1' }, hook)),
      'b.yaml': yamlOf(configMap('b', { v: '1' })),
    });
    const shape = { name: 'as', project: 'as', repoURL: repository.url, namespace };
    await keelson.create(applicationOf({ ...shape, syncPolicy: { syncOptions: [] } }));
    expect(await keelson.sync('as')).toMatchObject({ phase: 'Succeeded' });
    expect(await isThere('ConfigMap', 'a')).toBe(true);

    await repository.commit({ 'a.yaml': yamlOf(configMap('a', { v: '2' }), service) });
    const refused = await keelson.sync('as');
    expect(refused.phase).toBe('Failed');
    expect(refused.message).toContain(`system:serviceaccount:${namespace}:deployer`);
    expect(await isThere('Service', 's')).toBe(false);

    await repository.commit({ 'a.yaml': yamlOf(configMap('a', { v: '2' })), 'b.yaml': null });
    const kept = await keelson.sync('as', { prune: true });
    expect(kept.phase).toBe('Failed');
    expect(kept.steps.find((step) => step.key.name === 'b')?.message).toContain('cannot delete');
    expect(await isThere('ConfigMap', 'b')).toBe(true);

    await projects.put('as', { ...openSpec, destinationServiceAccounts: [] });
    const words = `project as: has no service account for server https://kubernetes.default.svc and namespace "${namespace}"`;
    await expect(keelson.request('as')).rejects.toThrow(words);
    const { operationId = '' } = await keelson.client.applications.delete('as', {});
    expect((await keelson.ended('as', operationId)).message).toContain(words);
    expect(await isThere('ConfigMap', 'a')).toBe(true);

    // While accounts are only offered, the installation writes and deletes where the project names none.
    const enforced = 'application.sync.impersonation.enforced';
    const offered = { 'application.sync.impersonation.enabled': 'true', [enforced]: 'false' };
    await keelson.client.settings.put({ 'argocd-cm': offered }, { partial: false });
    expect(await keelson.sync('as', { prune: true })).toMatchObject({ phase: 'Succeeded' });
    expect(await isThere('ConfigMap', 'b')).toBe(false);
  });
});
