import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { prepareHome } from '../../bin/up/prepare-home.ts';
import { createApiClient } from '../../cli/server/client.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import type { LocalCluster } from '../../local/kubernetes/cluster.ts';
import { toolPath } from '../../local/obtain/tools.ts';
import { pollUntil } from '../../local/poll.ts';
import { startKeelsonOn, type TestKeelson } from '../support/keelson/keelson.ts';
import { testPlatform } from '../support/keelson/platform.ts';
import { guideStarts } from './effects-roles.ts';
import { type Hosts, startHosts } from './hosts.ts';
import { charts, repositories, stack } from './sources.ts';

/** What a script left behind. */
export type ScriptRun = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** An installation on a cluster of its own, to which the blocks are applied as users would apply them. */
export type Guide = {
  readonly keelson: TestKeelson;
  readonly hosts: Hosts;
  apply(...objects: readonly Manifest[]): Promise<void>;
  /** A folder of its own, with the tools by their names. */
  readonly folder: string;
  /** The environment of such a command. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a block of commands in a shell that knows `argocd`, `kubectl` and the other tools by name. */
  script(text: string, cwd?: string): Promise<ScriptRun>;
  stop(): Promise<void>;
};

const root = join(import.meta.dirname, '../..');

/** Starts it with the hosts of the examples, and what the blocks' repositories hold. */
export async function startGuide(): Promise<Guide> {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-guide-'));
  const platform = testPlatform();
  const [cluster, hosts, facts] = await Promise.all([
    platform.startCluster({ controllers: true }),
    startHosts(charts, stack),
    platform.createFacts(),
  ]);
  await prepareHome([cluster], 'argocd', new AbortController().signal);
  const keelson = await startKeelsonOn(
    { ...facts, kubeconfigPath: cluster.kubeconfigPath },
    // A plugin's registry is on this machine.
    {
      env: { KEELSON_HOME_BRIDGE: 'true', KEELSON_RENDER_PRIVATE_HOSTS: '127.0.0.1' },
      own: guideStarts(),
    },
  );
  for (const [name, files] of Object.entries(repositories)) await hosts.git.createRepository(name, files);
  const path = await toolFolder(folder);
  const env = await shellEnvironment(keelson, cluster, folder, path);
  const guide: Guide = {
    keelson,
    hosts,
    folder,
    env,
    apply: (...objects) => applyAll(keelson, objects, (own) => kubectlApply(own, folder, env)),
    script: (text, cwd = folder) => runScript(text, cwd, env),
    async stop() {
      await keelson.stop();
      await Promise.all([cluster.stop(), hosts.stop(), facts.drop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await guide.apply(
    ...hosts.declarations([
      ...Object.keys(repositories).map((name) => ({
        url: `https://github.com/${name}`,
        type: 'git' as const,
      })),
      { url: 'https://charts.example.com', type: 'helm' },
      { url: 'https://prometheus-community.github.io/helm-charts', type: 'helm' },
    ]),
  );
  return guide;
}

/** `argocd` is our own command; the other names are the tools themselves. */
async function toolFolder(folder: string): Promise<string> {
  const shim = join(folder, 'argocd');
  writeFileSync(shim, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'bin/keelson.js')}' "$@"\n`);
  chmodSync(shim, 0o755);
  for (const tool of ['kubectl', 'helm', 'kustomize'] as const) {
    symlinkSync(await toolPath(tool), join(folder, tool));
  }
  return [folder, process.env['PATH'] ?? ''].join(delimiter);
}

async function shellEnvironment(
  keelson: TestKeelson,
  cluster: LocalCluster,
  folder: string,
  path: string,
): Promise<Record<string, string>> {
  const login = createApiClient({ server: keelson.url });
  const token = await login.account.login('admin', keelson.adminPassword);
  await login.close();
  return {
    PATH: path,
    HOME: folder,
    KUBECONFIG: cluster.kubeconfigPath,
    KEELSON_SERVER: keelson.url,
    KEELSON_AUTH_TOKEN: token,
  };
}

async function kubectlApply(
  objects: readonly Manifest[],
  folder: string,
  env: Record<string, string>,
): Promise<void> {
  const file = join(folder, 'objects.yaml');
  writeFileSync(file, objects.map((one) => stringify(one)).join('---\n'));
  const { code, stderr } = await runScript(`kubectl apply -f '${file}'`, folder, env);
  if (code !== 0) throw new Error(`kubectl apply failed: ${stderr}`);
}

async function runScript(text: string, cwd: string, env: Record<string, string>): Promise<ScriptRun> {
  try {
    const ended = await promisify(execFile)('bash', ['-ec', text], { cwd, env });
    return { code: 0, ...ended };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number; stdout?: string; stderr?: string };
    return { code: code ?? -1, stdout: stdout ?? '', stderr: stderr ?? '' };
  }
}

/** Applications and projects by kubectl, and settings and repositories by the API, until objects hold those as well. */
async function applyAll(
  { client }: TestKeelson,
  objects: readonly Manifest[],
  kubectl: (manifests: readonly Manifest[]) => Promise<void>,
): Promise<void> {
  const isOwn = ({ kind }: Manifest): boolean => kind === 'AppProject' || kind === 'Application';
  const settings = objects.filter(
    ({ kind, metadata: { name = '' } }) => kind === 'ConfigMap' && isSettings(name),
  );
  for (const { metadata, data } of settings as (Manifest & { data: Record<string, string> })[]) {
    await client.settings.put({ [metadata.name ?? '']: data }, { partial: false });
  }
  const sources = objects.filter((one) => !isOwn(one) && !settings.includes(one));
  if (sources.length > 0) await client.sources.apply(sources.map((one) => stringify(one)).join('---\n'));
  const own = objects.filter(isOwn);
  if (own.length > 0) await kubectl(own);
  for (const { kind, metadata } of own) {
    const name = metadata.name ?? '';
    await pollUntil(`${kind} ${name} of the cluster`, 30, async () => {
      const read = kind === 'AppProject' ? client.projects.get(name) : client.applications.get(name);
      return await read.then(
        () => true,
        () => false,
      );
    });
  }
}

function isSettings(name: string): boolean {
  return ['argocd-cm', 'argocd-cmd-params-cm', 'argocd-rbac-cm', 'argocd-cmp-cm'].includes(name);
}

/** Waits until an object of the cluster is as the effect wants it, and answers with it. */
export async function untilLive(
  { keelson }: Guide,
  [apiVersion, kind, namespace, name]: readonly [string, string, string, string],
  is: (live: Manifest) => boolean = () => true,
  seconds = 60,
): Promise<Manifest> {
  let found: Manifest | undefined;
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  await pollUntil(`${kind} ${namespace}/${name} as it should be`, seconds, async () => {
    found = await keelson.cluster.get(apiVersion, { group, kind, namespace, name });
    return found !== undefined && is(found);
  });
  return found as Manifest;
}
