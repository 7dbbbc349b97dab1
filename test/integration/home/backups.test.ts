import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorOfBackups } from '../../../bin/operator/operate-backups.ts';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { readManifests } from '../../../core/object/manifest/read-manifests.ts';
import { blockObjects } from '../../guide/frame.ts';
import { yamlOf } from '../../support/keelson/applications.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { type CliRun, keelson } from '../../support/keelson/run-cli.ts';

const canary = 'c4n4ry-of-a-repository';
/** The control plane that is backed up, one of its namespaces, and the control plane that gets the backup. */
const [from, team, to] = ['backup-from', 'backup-team', 'backup-to'];
let client: ClusterClient;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keelson-backups-'));
  const { kubeconfigPath } = testPlatform();
  client = createClusterClient(credentialsFromKubeconfig(readFileSync(kubeconfigPath, 'utf8')));
  for (const name of [from, team, to]) {
    await client.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  for (const object of objects()) await client.create(object);
});

afterAll(async () => {
  await client?.close();
  rmSync(folder, { recursive: true, force: true });
});

function placed(object: Manifest | undefined, namespace: string, more: object = {}): Manifest {
  if (object === undefined) throw new Error('the block holds nothing');
  return { ...object, ...more, metadata: { ...object.metadata, namespace } };
}

function settings(name: string, data: Record<string, string>): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: from }, data };
}

const repository = (namespace: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'repo-a', namespace, labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
  type: 'Opaque',
  stringData: { type: 'git', url: 'https://git.example.com/a.git', password: canary },
});

function objects(): Manifest[] {
  const [application] = blockObjects('06.1-1.yaml');
  const [other] = blockObjects('06.4-1.yaml');
  const [project] = blockObjects('13.1-1.yaml');
  const [set] = blockObjects('24.2-1.yaml');
  const observed = { status: { sync: { status: 'Synced' } }, operation: { sync: { revision: 'main' } } };
  return [
    settings('argocd-cm', { url: 'https://argocd.example.com' }),
    settings('argocd-cmd-params-cm', { 'application.namespaces': team }),
    settings('unrelated', { a: 'b' }),
    repository(from),
    placed(project, from, { status: { jwtTokensByRole: { developer: { items: [{ iat: 1 }] } } } }),
    placed(application, from, observed),
    placed(other, team),
    placed(set, from),
  ];
}

const run = (words: readonly string[], input = ''): Promise<CliRun> =>
  keelson(['admin', ...words, '--kubeconfig', testPlatform().kubeconfigPath], {
    input,
    backups: operatorOfBackups({}, new AbortController().signal),
  });

async function exported(): Promise<string> {
  const ended = await run(['export', '-n', from]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  return ended.stdout;
}

async function live(
  apiVersion: string,
  kind: string,
  name: string,
  namespace = to,
): Promise<Manifest | undefined> {
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  return client.get(apiVersion, { group, kind, namespace, name });
}

const argo = 'argoproj.io/v1alpha1';
const lines = ({ stdout }: CliRun) => stdout.trim().split('\n').filter(Boolean);

describe('backups of a control plane', () => {
  it('hold what owners wrote, kind by kind, and nothing of the server', async () => {
    const { manifests, issues } = readManifests(await exported(), 'backup');
    expect(issues).toEqual([]);
    expect(manifests.map(({ kind, metadata: { name, namespace } }) => [kind, name, namespace])).toEqual([
      ['ConfigMap', 'argocd-cm', undefined],
      ['ConfigMap', 'argocd-cmd-params-cm', undefined],
      ['Secret', 'repo-a', undefined],
      ['AppProject', 'team-backend', undefined],
      ['Application', 'my-application', undefined],
      ['Application', 'my-kustomize-app', team],
      ['ApplicationSet', 'platform-apps', undefined],
    ]);
    const [application] = blockObjects('06.1-1.yaml');
    const held = manifests.find(({ metadata }) => metadata.name === 'my-application');
    expect(held).toMatchObject({ spec: application?.['spec'], status: { sync: { status: 'Synced' } } });
    expect(held).not.toHaveProperty('operation');
    expect(Object.keys(held?.metadata ?? {}).sort()).toEqual(['annotations', 'finalizers', 'labels', 'name']);
  });

  it('are written to a file that its owner alone reads', async () => {
    const file = join(folder, 'backup.yaml');
    const ended = await run(['export', '-n', from, '-o', file]);
    expect(ended).toMatchObject({ status: 0, stdout: '', stderr: `7 objects written to ${file}\n` });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toBe(await exported());
  });

  it('are brought back without status and requests, said beforehand by a dry run', async () => {
    const backup = await exported();
    const where = ['-n', to, '--application-namespaces', 'none'];
    const dry = await run(['import', '-', '--dry-run', ...where], backup);
    expect(dry.status).toBe(0);
    expect(await live(argo, 'Application', 'my-application')).toBeUndefined();
    const done = await run(['import', '-', ...where], backup);
    expect(done).toMatchObject({ status: 0, stderr: '' });
    expect(lines(dry)).toEqual(lines(done).map((line) => `${line} (dry run)`));
    expect(lines(done)).toEqual([
      `/ConfigMap argocd-cm in namespace ${to} created`,
      `/ConfigMap argocd-cmd-params-cm in namespace ${to} created`,
      `/Secret repo-a in namespace ${to} created`,
      `argoproj.io/AppProject team-backend in namespace ${to} created`,
      `argoproj.io/Application my-application in namespace ${to} created`,
      `argoproj.io/Application my-kustomize-app in namespace ${team} skipped: applications may not live in this namespace`,
      `argoproj.io/ApplicationSet platform-apps in namespace ${to} created`,
    ]);
    expect(done.stdout).not.toContain(canary);
    const application = await live(argo, 'Application', 'my-application');
    expect(application).not.toHaveProperty('status');
    expect(application).not.toHaveProperty('operation');
    expect(application?.metadata.finalizers).toEqual(['resources-finalizer.argocd.argoproj.io']);
    expect(await live(argo, 'AppProject', 'team-backend')).toMatchObject({
      status: { jwtTokensByRole: { developer: { items: [{ iat: 1 }] } } },
    });
  });

  it('change nothing the second time, and only what somebody has changed since', async () => {
    const backup = await exported();
    const where = ['-n', to, '--application-namespaces', 'none', '--verbose'];
    await run(['import', '-', ...where], backup);
    const before = await live(argo, 'Application', 'my-application');
    const again = await run(['import', '-', ...where], backup);
    expect(lines(again).filter((line) => !/unchanged$|skipped/.test(line))).toEqual([]);
    expect(await live(argo, 'Application', 'my-application')).toEqual(before);

    const key = { group: 'argoproj.io', kind: 'Application', namespace: to, name: 'my-application' };
    const edit = {
      spec: { project: 'elsewhere' },
      status: { health: { status: 'Healthy' } },
      operation: { sync: {} },
    };
    await client.patch(argo, key, edit, 'merge');
    const third = await run(['import', '-', ...where], backup);
    expect(lines(third).filter((line) => line.endsWith(' updated'))).toEqual([
      `argoproj.io/Application my-application in namespace ${to} updated`,
    ]);
    expect(await live(argo, 'Application', 'my-application')).toMatchObject({
      spec: { project: 'my-project' },
      status: { health: { status: 'Healthy' } },
      operation: { sync: {} },
    });
    await run(['import', '-', ...where, '--stop-operation'], backup);
    expect(await live(argo, 'Application', 'my-application')).not.toHaveProperty('operation');
  });

  it('delete what they do not hold only when told, and leave what that deployed', async () => {
    const backup = await exported();
    const where = ['-n', to, '--application-namespaces', 'none'];
    await run(['import', '-', ...where], backup);
    const less = backup
      .split(/^---$/m)
      .filter((document) => !/name: (my-application|repo-a)$/m.test(document))
      .join('---');
    const kept = await run(['import', '-', ...where], less);
    expect(lines(kept).filter((line) => line.endsWith('needs pruning'))).toEqual([
      `argoproj.io/Application my-application in namespace ${to} needs pruning`,
      `/Secret repo-a in namespace ${to} needs pruning`,
    ]);
    expect(await live(argo, 'Application', 'my-application')).toBeDefined();
    const pruned = await run(['import', '-', ...where, '--prune'], less);
    expect(lines(pruned).filter((line) => line.endsWith('pruned'))).toHaveLength(2);
    // Its finalizer would have its objects deleted, by whoever runs there: it goes first. What Kubernetes holds an
    // object for that leaves its dependents goes a moment later.
    await expect.poll(() => live(argo, 'Application', 'my-application')).toBeUndefined();
    await expect.poll(() => live('v1', 'Secret', 'repo-a')).toBeUndefined();
  });

  it('are brought back as far as they can be, with what is refused named', async () => {
    const wrong = yamlOf(
      { apiVersion: argo, kind: 'Application', metadata: { name: 'wrong' }, spec: { destination: 'here' } },
      { ...repository(to), metadata: { name: 'repo-b', labels: repository(to).metadata.labels } },
    );
    const ended = await run(['import', '-', '-n', to], wrong);
    expect(ended.status).toBe(20);
    expect(ended.stdout).toContain(`/Secret repo-b in namespace ${to} created`);
    expect(ended.stdout).toMatch(
      /Application wrong in namespace backup-to could not be created: .*spec\.destination/,
    );
    expect(ended.stdout).not.toContain(canary);
    const file = join(folder, 'broken.yaml');
    writeFileSync(file, 'kind: [');
    expect((await run(['import', file])).stderr).toContain(`${file}:1`);
  });
});
