import { expect } from 'vitest';
import { valueAt } from '../../core/object/json/field.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { pollUntil } from '../../local/poll.ts';
import { configMap, yamlOf } from '../support/keelson/applications.ts';
import { type Effect, project, syncInto } from './effects-sources.ts';
import { applicationPart, applicationSpec, blockObjects, blockText } from './frame.ts';
import { type Guide, untilLive } from './guide.ts';
import { repositories } from './sources.ts';

/** Effects of blocks about syncs: policies, options, waves, hooks and what is left alone. */
export const syncEffects = {
  '06.1-1.yaml': async (guide) => {
    await guide.apply(project('my-project'), ...blockObjects('06.1-1.yaml'));
    await guide.keelson.healthy('my-application', 90);
    const live = await untilLive(guide, ['apps/v1', 'Deployment', 'my-app', 'my-app']);
    await scale(guide, live, 3);
    await staysSynced(guide, 'my-application', live);
  },
  '06.5-1.txt': async () => {
    const files = treeFiles(blockText('06.5-1.txt'));
    expect(files).toHaveLength(7);
    expect(Object.keys(repositories['my-org/gitops-repo.git'] ?? {})).toEqual(expect.arrayContaining(files));
  },
  '06.5-2.yaml': async (guide) => {
    await guide.apply(...blockObjects('06.5-2.yaml'));
    await guide.keelson.healthy('root-app', 90);
    for (const name of ['app-a', 'app-b', 'cert-manager', 'monitoring-app']) {
      const child = await untilLive(guide, ['argoproj.io/v1alpha1', 'Application', 'argocd', name]);
      expect(child.metadata.annotations?.['argocd.argoproj.io/tracking-id']).toMatch(/^root-app:/);
      await pollUntil(`${name} of the cluster`, 30, () =>
        guide.keelson.client.applications.get(name).then(
          () => true,
          () => false,
        ),
      );
      await guide.keelson.healthy(name, 90);
    }
  },
  '06.5-3.yaml': async (guide) => {
    const made = await untilLive(guide, ['v1', 'ConfigMap', 'app-a', 'app-a']);
    expect(made['data']).toEqual({ by: 'its parent' });
    const { metadata } = await guide.keelson.client.applications.get('app-a');
    expect(metadata.finalizers).toEqual(['resources-finalizer.argocd.argoproj.io']);
  },
  '08.1-1.sh': async (guide) => {
    const { code, stdout, stderr } = await guide.script(blockText('08.1-1.sh'));
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain('did you mean apps:Deployment:my-app?');
    expect(stdout).toContain('my-app-svc');
    const phases = (await guide.keelson.client.operations.list('my-application', 3)).map(
      ({ phase }) => phase,
    );
    expect(phases).toEqual(['Succeeded', 'Succeeded', 'Succeeded']);
  },
  '08.1-2.yaml': async (guide) => {
    const repository = await guide.hosts.git.createRepository('my-org/guide-8-1.git', {
      'app.yaml': yamlOf(configMap('kept', { a: '1' }), configMap('dropped', { a: '1' })),
    });
    const source = { repoURL: 'https://github.com/my-org/guide-8-1.git', targetRevision: 'main', path: '.' };
    await guide.apply(
      ...guide.hosts
        .declarations([{ url: source.repoURL, type: 'git' }])
        .slice(1)
        .map(renamed('guide-8-1')),
    );
    await makeNamespace(guide, 'guide-8-1');
    await guide.apply(
      ...blockObjects('08.1-2.yaml', (fragment) => applicationSpec('guide-8-1')({ ...fragment, source })),
    );
    const kept = await untilLive(guide, ['v1', 'ConfigMap', 'guide-8-1', 'kept']);
    const dropped = await untilLive(guide, ['v1', 'ConfigMap', 'guide-8-1', 'dropped']);
    await guide.keelson.cluster.patch('v1', keyOf(kept), { data: { a: '2' } }, 'merge');
    await untilLive(
      guide,
      ['v1', 'ConfigMap', 'guide-8-1', 'kept'],
      (one) => valueAt(one, 'data', 'a') === '1',
    );
    await repository.commit({ 'app.yaml': yamlOf(configMap('kept', { a: '1' })) });
    await guide.keelson.client.applications.get('guide-8-1', { refresh: 'normal' });
    await pollUntil('dropped is pruned', 60, async () => {
      return (await guide.keelson.cluster.get('v1', keyOf(dropped))) === undefined;
    });
  },
  '08.2-1.yaml': async (guide) => {
    await guide.apply(...blockObjects('08.2-1.yaml', applicationSpec('guide-8-2')));
    expect(await guide.keelson.sync('guide-8-2')).toMatchObject({ phase: 'Succeeded' });
    await untilLive(guide, ['apps/v1', 'Deployment', 'guide-8-2', 'my-app']);
    const { status } = await guide.keelson.client.applications.get('guide-8-2');
    const said = (status?.conditions ?? []).map(({ message }) => message).join('\n');
    expect(said).not.toMatch(/sync option|has no effect/);
  },
  '08.3-1.yaml': async (guide) => {
    const repoURL = 'https://github.com/my-org/waves.git';
    await guide.apply(
      applicationSpec('guide-8-3')({ source: { repoURL, path: '.' }, destination: my('my-app') }),
    );
    const view = await guide.keelson.sync('guide-8-3');
    expect(view).toMatchObject({ phase: 'Succeeded' });
    const kinds = (view.steps ?? []).map(({ key }) => key.kind);
    expect(kinds).toEqual(['Namespace', 'Deployment', 'Service']);
  },
  '08.3-2.yaml': async (guide) => {
    const repoURL = 'https://github.com/my-org/hook.git';
    await guide.apply(applicationSpec('guide-8-3-2')({ source: { repoURL, path: '.' } }));
    await syncInto(guide, 'guide-8-3-2', 'guide-8-3-2');
    const [operation] = await guide.keelson.client.operations.list('guide-8-3-2', 1);
    const view = await guide.keelson.client.operations.get('guide-8-3-2', operation?.id ?? '');
    const steps = (view.steps ?? []).map(({ key, phase }) => `${phase} ${key.kind}`);
    expect(steps).toEqual(['PreSync Job', 'Sync ConfigMap']);
    const job = { group: 'batch', kind: 'Job', namespace: 'guide-8-3-2', name: 'db-migration' };
    await pollUntil('the Job is gone', 60, async () => {
      return (await guide.keelson.cluster.get('batch/v1', job)) === undefined;
    });
  },
  '19.1-1.yaml': async (guide) => {
    const source = { repoURL: 'https://github.com/my-org/webhooks.git', targetRevision: 'main', path: '.' };
    await guide.apply(
      ...blockObjects('19.1-1.yaml', ({ spec }) =>
        applicationPart('guide-19-1')({ spec: { ...(spec as object), source } }),
      ),
    );
    await syncInto(guide, 'guide-19-1', 'guide-19-1');
    await guide.keelson.healthy('guide-19-1');
    const live = await untilLive(guide, ['apps/v1', 'Deployment', 'guide-19-1', 'scaled']);
    const hook = await untilLive(guide, [
      ...(['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration'] as const),
      '',
      'guide-19-1',
    ]);
    const patch = [{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: 'Y2E=' }];
    await guide.keelson.cluster.patch(hook.apiVersion, keyOf(hook), patch, 'json');
    await scale(guide, live, 4);
    await staysSynced(guide, 'guide-19-1', live);
  },
  '20-1.sh': async (guide) => {
    const script = blockText('20-1.sh');
    const all = await guide.script(script);
    expect({ code: all.code, stderr: all.stderr }).toEqual({ code: 0, stderr: '' });
    const before = await untilLive(guide, ['v1', 'ConfigMap', 'guide-10-1', 'my-release']);
    const edit = JSON.stringify({ spec: { project: 'elsewhere', revisionHistoryLimit: 3 } });
    const edited = await guide.script(`kubectl patch app guide-10-1 -n argocd --type merge -p '${edit}'`);
    expect(edited.code).toBe(0);
    const last = script.trim().split('\n').at(-1) ?? '';
    const { code, stdout } = await guide.script(last);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'argoproj.io/Application guide-10-1 in namespace argocd updated\n',
    });
    await pollUntil('the application is as in the backup', 60, async () => {
      const { spec } = await guide.keelson.client.applications.get('guide-10-1');
      return spec.project === 'default' && spec.revisionHistoryLimit === undefined;
    });
    await guide.keelson.healthy('guide-10-1', 90);
    const after = await untilLive(guide, ['v1', 'ConfigMap', 'guide-10-1', 'my-release']);
    expect(after.metadata.uid).toBe(before.metadata.uid);
  },
} satisfies Readonly<Record<string, Effect>>;

/** The files of a tree as it is drawn, by their paths from the root. */
function treeFiles(drawn: string): string[] {
  const folders: string[] = [];
  return drawn
    .trim()
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const depth = line.indexOf('+--') / 4;
      const name = line.slice(line.indexOf('+--') + 4).trim();
      folders.length = depth;
      if (name.endsWith('/')) {
        folders.push(name.slice(0, -1));
        return [];
      }
      return [[...folders, name].join('/')];
    });
}

/** The home cluster and a namespace of it. */
function my(namespace: string) {
  return { server: 'https://kubernetes.default.svc', namespace };
}

const renamed =
  (name: string) =>
  (manifest: Manifest): Manifest => ({ ...manifest, metadata: { ...manifest.metadata, name } });

async function makeNamespace({ keelson }: Guide, name: string): Promise<void> {
  await keelson.cluster.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

async function scale({ keelson }: Guide, live: Manifest, replicas: number): Promise<void> {
  const options = { fieldManager: 'somebody' };
  await keelson.cluster.patch(live.apiVersion, keyOf(live), { spec: { replicas } }, 'merge', options);
}

/** A comparison after the change finds nothing, and nothing is written over it. */
async function staysSynced(guide: Guide, name: string, scaled: Manifest): Promise<void> {
  const { applications } = guide.keelson.client;
  const before = (await applications.get(name)).status?.reconciledAt;
  await pollUntil(`${name} compared anew`, 60, async () => {
    const { status } = await applications.get(name, { refresh: 'normal' });
    return status?.reconciledAt !== before;
  });
  expect((await applications.get(name)).status?.sync?.status).toBe('Synced');
  const live = await guide.keelson.cluster.get(scaled.apiVersion, keyOf(scaled));
  expect(valueAt(live, 'spec', 'replicas')).not.toBe(valueAt(scaled, 'spec', 'replicas'));
}
