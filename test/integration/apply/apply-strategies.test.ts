import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Applied, type ApplyObjectOptions, applyObject } from '../../../cluster/apply/apply-object.ts';
import { hasFormerManagers } from '../../../core/diff/fields/former-fields.ts';
import { formerManagers } from '../../../core/object/managers.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import { toolPath } from '../../../local/obtain/tools.ts';
import { applicationOf, configMap, hookJob, yamlOf } from '../../support/keelson/applications.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';
import { failureOf } from '../../support/process/failure.ts';
import { type Container, definitionOf, web } from '../../support/random/strategy-objects.ts';

const run = promisify(execFile);
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

let keelson: TestKeelson;
let kubectlPath: string;
let namespace: string;
let count = 0;

beforeAll(async () => {
  [keelson, kubectlPath] = await Promise.all([startKeelson(), toolPath('kubectl')]);
});

afterAll(async () => {
  await keelson?.stop();
});

beforeEach(async () => {
  namespace = `strategies-${++count}`;
  await keelson.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});

/** Runs kubectl in the test's namespace, with a manifest on its input if there is one. */
async function kubectl(words: string, manifest?: Manifest): Promise<string> {
  const { kubeconfigPath } = testPlatform();
  const file = manifest === undefined ? [] : ['-f', '-'];
  const child = run(kubectlPath, [
    `--kubeconfig=${kubeconfigPath}`,
    `--namespace=${namespace}`,
    ...words.split(' '),
    ...file,
  ]);
  child.child.stdin?.end(manifest === undefined ? '' : stringify(manifest));
  return (await child).stdout.trim();
}

const plain: ApplyObjectOptions = { strategy: 'server-side', validate: true, force: false };

/** Applies in the test's namespace the way a step does. */
function apply(manifest: Manifest, options: Partial<ApplyObjectOptions> = {}): Promise<Applied> {
  return applyObject(keelson.cluster, inNamespace(manifest), { ...plain, ...options });
}

function inNamespace(manifest: Manifest): Manifest {
  return { ...manifest, metadata: { ...manifest.metadata, namespace } };
}

function live(manifest: Manifest): Promise<Manifest | undefined> {
  return keelson.cluster.get(manifest.apiVersion, keyOf(inNamespace(manifest)));
}

type Live = {
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly spec: { readonly containers: readonly [Container & { image: string }] } };
  };
};

async function liveWeb(): Promise<
  Live['spec'] & { container: Live['spec']['template']['spec']['containers'][0] }
> {
  const { spec }: Live = JSON.parse(JSON.stringify(await live(web(1, {}))));
  return { ...spec, container: spec.template.spec.containers[0] };
}

describe('cluster/apply-object on objects of other tools', () => {
  it.each([
    ['kubectl apply', 'apply', 'kubectl-client-side-apply'],
    ['the reference by client-side apply', 'apply --field-manager=argocd-controller', 'argocd-controller'],
    [
      'the reference by server-side apply',
      'apply --server-side --field-manager=argocd-controller',
      'argocd-controller',
    ],
    ['kubectl apply --server-side', 'apply --server-side', 'kubectl'],
    ['kubectl create', 'create', 'kubectl-create'],
    ['kubectl create --save-config', 'create --save-config', 'kubectl-create'],
    ['kubectl replace', 'replace', 'kubectl-replace'],
  ])(
    'removes what Git no longer says of an object made by %s, and keeps what others say',
    async (_, words, manager) => {
      const former = web(2, {
        env: [
          { name: 'KEEP', value: '1' },
          { name: 'DROP', value: '1' },
        ],
      });
      if (words === 'replace') {
        await kubectl('create', web(1, {}));
        // kubectl replaces what it has just read: its controller has to be done with the object.
        await expect
          .poll(async () => (await live(former))?.['status'], { timeout: 20_000 })
          .toMatchObject({ availableReplicas: 1 });
      }
      await kubectl(words, former);
      await kubectl('scale deployment/web --replicas=3');
      await kubectl('label deployment/web team=blue');
      await kubectl('set env deployment/web MANUAL=1');
      const seen = await live(former);
      expect(seen && hasFormerManagers(seen, formerManagers)).toBe(true);

      const desired = web(undefined, { env: [{ name: 'KEEP', value: '2' }] });
      const applied = await apply(desired, { takeOverFirst: true });
      expect(applied).toMatchObject({ strategy: 'server-side' });
      expect(applied.tookOver).toContain(manager);
      const now = await liveWeb();
      expect(now.replicas).toBe(3);
      expect(now.container.env).toEqual([
        { name: 'KEEP', value: '2' },
        { name: 'MANUAL', value: '1' },
      ]);
      expect(applied.object.metadata.labels).toMatchObject({ team: 'blue' });
      expect(applied.object.metadata.annotations ?? {}).not.toHaveProperty([lastApplied]);
      expect(applied.object.metadata.generation).toBe((seen?.metadata.generation ?? 0) + 1);
      expect(hasFormerManagers(applied.object, formerManagers)).toBe(false);
    },
  );

  it('leaves fields of other tools where migration is turned off', async () => {
    await kubectl('apply', configMap('c', { keep: '1', drop: '1' }));
    const applied = await apply(configMap('c', { keep: '1' }), { migrate: false });
    expect(applied).toMatchObject({ tookOver: [], object: { data: { keep: '1', drop: '1' } } });
    expect(applied.object.metadata.annotations).toHaveProperty([lastApplied]);
  });

  it('takes the fields of a manager that the application names', async () => {
    await kubectl('create --field-manager=our-pipeline', configMap('c', { keep: '1', drop: '1' }));
    const applied = await apply(configMap('c', { keep: '1' }));
    expect(applied).toMatchObject({ tookOver: [], object: { data: { keep: '1', drop: '1' } } });
    const again = await apply(configMap('c', { keep: '1' }), { formerManager: 'our-pipeline' });
    expect(again).toMatchObject({ tookOver: ['our-pipeline'], object: { data: { keep: '1' } } });
    expect(again.object['data']).not.toHaveProperty('drop');
  });
});

describe('cluster/apply-object strategies', () => {
  it('merges on the client what server-side apply refuses for repeated keys, and removes what goes', async () => {
    const twice = [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ];
    const created = await apply(web(1, { env: [...twice, { name: 'B', value: '1' }] }));
    expect(created).toMatchObject({ strategy: 'client-side', effect: 'created' });
    expect(created.notes.join()).toContain('repeated keys');
    expect(created.object.metadata.annotations ?? {}).not.toHaveProperty([lastApplied]);
    const ports = [
      { containerPort: 53, protocol: 'TCP' },
      { containerPort: 53, protocol: 'UDP' },
    ];
    expect(await apply(web(1, { env: twice, ports }))).toMatchObject({ effect: 'configured' });
    expect((await liveWeb()).container).toMatchObject({ env: twice, ports });
    await expect
      .poll(() => apply(web(1, { env: twice, ports })), { timeout: 5000 })
      .toMatchObject({ effect: 'unchanged' });

    // Once the repeat is gone, server-side apply works again and takes over what was merged.
    const cured = await apply(web(1, { env: [{ name: 'A', value: '3' }] }));
    expect(cured).toMatchObject({ strategy: 'server-side', tookOver: ['keelson-update'] });
    const { container } = await liveWeb();
    expect(container.env).toEqual([{ name: 'A', value: '3' }]);
    expect(container).not.toHaveProperty('ports');
  });

  it('merges with the annotation of kubectl where server-side apply is turned off', async () => {
    const first = web(2, {
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '1' },
      ],
    });
    const created = await apply(first, { strategy: 'client-side' });
    expect(created).toMatchObject({ strategy: 'client-side', effect: 'created' });
    await kubectl('set env deployment/web MANUAL=1');
    await kubectl('scale deployment/web --replicas=3');

    const second = web(undefined, { env: [{ name: 'A', value: '2' }] });
    const applied = await apply(second, { strategy: 'client-side' });
    expect(applied).toMatchObject({ effect: 'configured' });
    const now = await liveWeb();
    expect(now.container.env).toEqual([
      { name: 'A', value: '2' },
      { name: 'MANUAL', value: '1' },
    ]);
    const text = applied.object.metadata.annotations?.[lastApplied] ?? '';
    expect(JSON.parse(text)).toMatchObject(inNamespace(second));
    expect(now.replicas).toBe(3);
    // kubectl goes on from there: the annotation is the one it would have written.
    await kubectl('apply', second);
    expect((await live(second))?.metadata.annotations?.[lastApplied]).toBe(text);
    expect(await apply(second, { strategy: 'client-side' })).toMatchObject({ effect: 'unchanged' });
  });

  it('lets unknown fields pass when validation is off, and says which were dropped', async () => {
    const odd = web(1, {}, { iamge: 'x' });
    expect(await failureOf(apply(odd))).toMatchObject({ code: 'object-invalid' });
    expect(await failureOf(apply(odd, { strategy: 'client-side' }))).toMatchObject({
      code: 'object-invalid',
    });
    const applied = await apply(odd, { validate: false });
    expect(applied).toMatchObject({ strategy: 'client-side' });
    expect(applied.notes.join()).toMatch(/warning.*iamge/);
    expect((await liveWeb()).container).not.toHaveProperty('iamge');
    expect(await apply(odd, { validate: false, strategy: 'client-side' })).toMatchObject({
      effect: 'configured',
    });
  });

  it('merges custom resources by JSON merge patch, and waits until their kind is served', async () => {
    const group = `g${count}.example.test`;
    await apply(definitionOf(group));
    const thing = (spec: object): Manifest => ({
      apiVersion: `${group}/v1`,
      kind: 'Thing',
      metadata: { name: 't' },
      spec,
    });
    const options = { strategy: 'client-side' } as const;
    await expect
      .poll(() => apply(thing({ keep: '1', drop: { a: '1' } }), options).then(() => 'created', String), {
        timeout: 10_000,
      })
      .toBe('created');
    await kubectl(`patch things.${group} t --type=merge -p {"spec":{"manual":"1"}}`);
    expect(await apply(thing({ keep: '2' }), options)).toMatchObject({ effect: 'configured' });
    expect((await live(thing({})))?.['spec']).toEqual({ keep: '2', manual: '1' });
    await apply(thing({ keep: '2' }));
    expect((await live(thing({})))?.metadata.annotations ?? {}).not.toHaveProperty([lastApplied]);
  });

  it('replaces an object by what Git says, keeping the hold of other controllers', async () => {
    await kubectl('create', { ...configMap('c', { a: '1', b: '1' }) });
    await kubectl('patch configmap c -p {"metadata":{"finalizers":["example.test/hold"]}}');
    const before = await live(configMap('c', {}));
    const applied = await apply(configMap('c', { a: '2' }), { strategy: 'replace' });
    expect(applied).toMatchObject({ strategy: 'replace', effect: 'replaced', object: { data: { a: '2' } } });
    expect(applied.object.metadata.uid).toBe(before?.metadata.uid);
    expect(applied.object.metadata.finalizers).toEqual(['example.test/hold']);
    await kubectl('patch configmap c -p {"metadata":{"finalizers":null}}');
    expect(await apply(configMap('d', { a: '1' }), { strategy: 'create' })).toMatchObject({
      effect: 'created',
    });
    // A creation whose first reply was lost meets its own object.
    expect(await apply(configMap('d', { a: '2' }), { strategy: 'create' })).toMatchObject({
      object: { data: { a: '2' } },
    });
    const self = await keelson.cluster.get('v1', {
      group: '',
      kind: 'Namespace',
      namespace: '',
      name: namespace,
    });
    const replaced = await applyObject(
      keelson.cluster,
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { a: '1' } } },
      { ...plain, strategy: 'replace', force: true },
    );
    expect(replaced.object.metadata.uid).toBe(self?.metadata.uid);
  });
});

describe('cluster/apply-object with force', () => {
  const service = (more: object): Manifest => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { ports: [{ port: 80 }], ...more },
  });

  it('recreates what can not change in place, by every strategy', async () => {
    const frozen = (value: string) => ({ ...configMap('c', { a: value }), immutable: true });
    for (const strategy of ['server-side', 'client-side'] as const) {
      const { object } = await apply(frozen(`${strategy}-1`), { strategy, force: true });
      const refused = await failureOf(apply(frozen(`${strategy}-2`), { strategy }));
      expect(refused).toMatchObject({ code: 'immutable-field' });
      const applied = await apply(frozen(`${strategy}-2`), { strategy, force: true });
      expect(applied).toMatchObject({ effect: 'recreated', object: { data: { a: `${strategy}-2` } } });
      expect(applied.object.metadata.uid).not.toBe(object.metadata.uid);
    }
  });

  it('does not delete an object for one that would be refused as well', async () => {
    const { object } = await apply(service({}));
    const refused = await failureOf(apply(service({ ports: [{ port: 99_999 }] }), { force: true }));
    expect(refused).toMatchObject({ code: 'object-invalid' });
    expect((await live(service({})))?.metadata.uid).toBe(object.metadata.uid);
    const moved = await apply(service({ clusterIP: 'None' }), { force: true });
    expect(moved).toMatchObject({ effect: 'recreated', object: { spec: { clusterIP: 'None' } } });
  });

  it('replaces by deleting, once for the object that the plan saw', async () => {
    const first = await apply(configMap('c', { a: '1' }), { strategy: 'create' });
    const uid = first.object.metadata.uid;
    const options = { strategy: 'replace', force: true, uid } as const;
    const second = await apply(configMap('c', { a: '1' }), options);
    expect(second).toMatchObject({ effect: 'recreated' });
    expect(second.object.metadata.uid).not.toBe(uid);
    const repeated = await apply(configMap('c', { a: '1' }), options);
    expect(repeated.object.metadata.uid).toBe(second.object.metadata.uid);
  });

  it('recreates a binding whose role changes even without force', async () => {
    const binding = (name: string): Manifest => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'b' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [],
    });
    await apply(binding('view'));
    expect(await apply(binding('edit'))).toMatchObject({
      effect: 'recreated',
      object: { roleRef: { name: 'edit' } },
    });
  });

  it('says that an object is being deleted instead of applying to it', async () => {
    await apply(configMap('c', {}));
    await kubectl('patch configmap c -p {"metadata":{"finalizers":["example.test/hold"]}}');
    await kubectl('delete configmap c --wait=false');
    const refused = await failureOf(apply(configMap('c', { a: '1' })));
    expect(refused).toMatchObject({ code: 'conflict', retryable: true });
    expect(refused.message).toContain('held by example.test/hold');
    await kubectl('patch configmap c -p {"metadata":{"finalizers":null}}');
  });

  it('gives the remedy for an annotation that is too long', async () => {
    const large = configMap('large', { a: 'x'.repeat(300_000) });
    const refused = await failureOf(apply(large, { strategy: 'client-side' }));
    expect(refused.message).toContain('metadata.annotations: Too long');
    expect(refused.message).toContain('Replace=true');
    expect(await apply(large)).toMatchObject({ strategy: 'server-side' });
  });
});

describe('syncs with options', () => {
  async function syncOf(
    name: string,
    files: Record<string, string>,
    syncPolicy: Record<string, unknown> = {},
  ) {
    const repository = await keelson.gitServer.createRepository(name, files);
    await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name, syncPolicy }));
    return repository;
  }

  it('shows the strategy that worked in the end with its message', async () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ];
    const scaled = {
      ...configMap('merged', { a: '1' }, { 'argocd.argoproj.io/sync-options': 'ServerSideApply=false' }),
    };
    await syncOf('shown', { 'app.yaml': yamlOf(web(1, { env }), scaled, configMap('applied', { a: '1' })) });
    const ended = await keelson.sync('shown');
    expect(ended.phase).toBe('Succeeded');
    const shown = ended.steps.map(({ key, strategy, message }) => [key.name, strategy, message]);
    expect(shown).toContainEqual(['applied', 'server-side', 'configmap/applied serverside-applied']);
    expect(shown).toContainEqual(['merged', 'client-side', 'configmap/merged created']);
    expect(ended.steps.find(({ key }) => key.kind === 'Deployment')).toMatchObject({
      strategy: 'client-side',
    });
  });

  it('gives the destination namespace its labels on every sync, and takes back its own', async () => {
    const repository = await syncOf(
      'labelled',
      { 'a.yaml': yamlOf(configMap('a', {})) },
      {
        managedNamespaceMetadata: { labels: { team: 'a', stage: 'test' }, annotations: { note: '1' } },
      },
    );
    const self = { group: '', kind: 'Namespace', namespace: '', name: 'labelled' };
    const first = await keelson.sync('labelled');
    expect(first.phase).toBe('Succeeded');
    await keelson.cluster.patch(
      'v1',
      self,
      { metadata: { labels: { theirs: '1', stage: 'edited' } } },
      'merge',
      {
        fieldManager: 'kubectl-edit',
      },
    );
    const changed = applicationOf({
      name: 'labelled',
      repoURL: repository.url,
      namespace: 'labelled',
      syncPolicy: { managedNamespaceMetadata: { labels: { stage: 'test' } } },
    });
    await keelson.client.applications.create(changed, { upsert: true, validate: true });
    const second = await keelson.sync('labelled');
    expect(second.steps[0]).toMatchObject({ action: 'create-namespace', status: 'Synced' });
    const now = await keelson.cluster.get('v1', self);
    expect(now?.metadata.labels).toMatchObject({ stage: 'test', theirs: '1' });
    expect(now?.metadata.labels).not.toHaveProperty('team');
    expect(now?.metadata.annotations ?? {}).not.toHaveProperty('note');
    await keelson.healthy('labelled');
  });

  it('lets the API server judge every step of a dry run, and writes nothing', async () => {
    const group = 'dry.example.test';
    const repository = await syncOf('dry', {
      'app.yaml': yamlOf(hookJob('before', 'PreSync'), configMap('fine', { a: '1' }), definitionOf(group), {
        apiVersion: `${group}/v1`,
        kind: 'Thing',
        metadata: { name: 'late' },
        spec: {},
      }),
    });
    const tried = await keelson.sync('dry', { dryRun: true });
    expect(tried.phase).toBe('Succeeded');
    expect(tried).not.toHaveProperty('historyId');
    const messages = Object.fromEntries(tried.steps.map(({ key, message }) => [key.name, message]));
    expect(messages['dry']).toBe('namespace/dry created (dry run)');
    expect(messages['before']).toContain('namespace dry comes with this sync');
    expect(messages['late']).toContain('kind is not served yet');
    expect(
      await keelson.cluster.get('v1', { group: '', kind: 'Namespace', namespace: '', name: 'dry' }),
    ).toBeUndefined();

    await keelson.sync('dry', { strategy: { apply: {} } });
    await repository.commit({
      'app.yaml': yamlOf(hookJob('before', 'PreSync'), { ...configMap('fine', {}), data: 'no map' }),
    });
    const refused = await keelson.sync('dry', { dryRun: true, prune: true });
    expect(refused).toMatchObject({ phase: 'Failed' });
    expect(refused.message).toContain('ConfigMap dry/fine');
    expect(refused.steps.find(({ key }) => key.name === 'before')?.message).toContain('not run in a dry run');
    expect(
      await keelson.cluster.get('batch/v1', {
        group: 'batch',
        kind: 'Job',
        namespace: 'dry',
        name: 'before',
      }),
    ).toBeUndefined();
    expect(
      await keelson.cluster.get('v1', { group: '', kind: 'ConfigMap', namespace: 'dry', name: 'fine' }),
    ).toMatchObject({ data: { a: '1' } });
  });

  it('writes nothing when the API server would refuse one of the objects, and names each', async () => {
    const strays = [configMap('good', { a: '1' }), { ...configMap('bad', {}), data: 'no map' }];
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'worse' },
      spec: { ports: [{ port: 99_999 }] },
    };
    const repository = await syncOf('prechecked', { 'a.yaml': yamlOf(configMap('first', { a: '1' })) });
    await keelson.sync('prechecked');
    await repository.commit({
      'a.yaml': yamlOf(configMap('first', { a: '2' }), hookJob('hook', 'PreSync'), ...strays, service),
    });
    const refused = await keelson.sync('prechecked', { revision: 'main' });
    expect(refused.phase).toBe('Failed');
    expect(refused.message).toContain('one or more objects failed to apply (dry run)');
    expect(refused.steps.map(({ key, status }) => [key.name, status]).sort()).toEqual([
      ['bad', 'SyncFailed'],
      ['worse', 'SyncFailed'],
    ]);
    expect(refused.message).toContain('ConfigMap prechecked/bad');
    expect(refused.message).toContain('Service prechecked/worse');
    const key = { group: '', kind: 'ConfigMap', namespace: 'prechecked', name: 'first' };
    expect(await keelson.cluster.get('v1', key)).toMatchObject({ data: { a: '1' } });
    expect(await keelson.cluster.get('v1', { ...key, name: 'good' })).toBeUndefined();
    expect(
      await keelson.cluster.get('batch/v1', { ...key, group: 'batch', kind: 'Job', name: 'hook' }),
    ).toBeUndefined();
  });
});
