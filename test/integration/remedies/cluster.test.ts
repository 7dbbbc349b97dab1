import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe } from 'vitest';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { recreateObject } from '../../../cluster/apply/recreate-object.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import type { ClusterCredentials } from '../../../cluster/request/credentials.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { createAuthority } from '../../../local/kubernetes/authority.ts';
import { pollUntil } from '../../../local/poll.ts';
import { freePort } from '../../../local/ports.ts';
import { type Followed, followEach, problemsOf } from '../../support/hostile/remedies.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { startAdmissionWebhook } from '../../support/servers/admission-webhook.ts';

const namespace = 'cluster-remedies';
const credentials = credentialsFromKubeconfig(readFileSync(testPlatform().kubeconfigPath, 'utf8'));
const clients: ClusterClient[] = [];

function clientOf(change: Partial<ClusterCredentials> = {}): ClusterClient {
  const client = createClusterClient({ ...credentials, ...change });
  clients.push(client);
  return client;
}

const client = clientOf();
const other = createAuthority();

beforeAll(async () => {
  await client.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});
afterAll(async () => {
  await Promise.all(clients.map((one) => one.close()));
});

type Act = () => Promise<unknown>;
/** Rows of what is done before and after the advice. */
const followActs = (rows: readonly Followed<Act>[]) => followEach((act: Act) => problemsOf(act), rows);

const map = (name: string, data: Record<string, string> = {}, more: object = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, ...more },
  data,
});
const mapKey = (name: string) => ({ group: '', kind: 'ConfigMap', namespace, name });

describe('the way to an API server', () => {
  const version =
    (change: Partial<ClusterCredentials>): Act =>
    () =>
      clientOf(change).version();
  const tls =
    "check the CA certificate, the server name and the client certificate of the cluster's credentials";
  const login = "the cluster's credentials are not accepted; renew the token or the client certificate";
  const { certData: _, keyData: _key, ...anonymous } = credentials.tls;
  followActs([
    [tls, version({ tls: { ...credentials.tls, caData: other.certificatePem } }), version({})],
    [tls, version({ tls: { ...credentials.tls, serverName: 'elsewhere.test' } }), version({})],
    [
      'check that the address is right and the API server is reachable',
      async () => clientOf({ server: `https://127.0.0.1:${await freePort()}` }).version(),
      version({}),
    ],
    [
      login,
      () => clientOf({ tls: anonymous, bearerToken: 'of yesterday' }).get('v1', mapKey('a')),
      () => client.get('v1', mapKey('a')),
    ],
  ]);
});

const serviceAccount: Manifest = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'reader', namespace },
};
const user = `system:serviceaccount:${namespace}:reader`;

describe('a permission that is missing', () => {
  const reader = clientOf({ impersonate: { user } });
  const subjects = [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }];
  const group = 'rbac.authorization.k8s.io/v1';
  const grant = async (kind: '' | 'Cluster', resource: string): Promise<void> => {
    const place = kind === '' ? { namespace } : {};
    const metadata = { name: 'cluster-remedies', ...place };
    const rules = [{ apiGroups: [''], resources: [resource], verbs: ['get'] }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: `${kind}Role`, name: metadata.name };
    await client.applyServerSide(serviceAccount);
    await client.applyServerSide({ apiVersion: group, kind: `${kind}Role`, metadata, rules });
    await client.applyServerSide({
      apiVersion: group,
      kind: `${kind}RoleBinding`,
      metadata,
      roleRef,
      subjects,
    });
  };
  const readMap: Act = () => reader.get('v1', mapKey('a'));
  const readVolume: Act = () =>
    reader.get('v1', { group: '', kind: 'PersistentVolume', namespace: '', name: 'none' });
  /** Authorisation follows its objects, a moment later. */
  const soon =
    (act: Act): Act =>
    () =>
      pollUntil('the permission counts', 10, async () => (await problemsOf(act)).length === 0);
  followActs([
    [
      `grant user "${user}" the verb "get" on "configmaps" of API group "" in namespace "${namespace}"`,
      readMap,
      async () => {
        await grant('', 'configmaps');
        await soon(readMap)();
      },
    ],
    [
      `grant user "${user}" the verb "get" on "persistentvolumes" of API group "" with a ClusterRole and a ClusterRoleBinding`,
      readVolume,
      async () => {
        await grant('Cluster', 'persistentvolumes');
        await soon(readVolume)();
      },
    ],
  ]);
  afterAll(async () => {
    for (const kind of ['ClusterRoleBinding', 'ClusterRole']) {
      const key = { group: 'rbac.authorization.k8s.io', kind, namespace: '', name: 'cluster-remedies' };
      await client.delete(group, key);
    }
  });
});

describe('an object that an API server refuses', () => {
  const deployment = (replicas: unknown): Manifest => {
    const labels = { app: 'a' };
    const containers = [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }];
    const template = { metadata: { labels }, spec: { containers } };
    const spec = { replicas, selector: { matchLabels: labels }, template };
    return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', namespace }, spec };
  };
  const written =
    (manifest: Manifest): Act =>
    () =>
      client.applyServerSide(manifest, { dryRun: true });
  followActs([
    ['correct what its kind does not allow', written(deployment('two')), written(deployment(2))],
    [
      'make the object smaller',
      written(map('a', { a: 'x'.repeat(4_000_000) })),
      written(map('a', { a: 'x' })),
    ],
    [
      'has no metadata.name; set it, as generateName only works for creation',
      written(map('', {}, { name: undefined, generateName: 'a-' })),
      written(map('a')),
    ],
    [
      'has no metadata.name; set it, as generateName only works for creation',
      written(map('', {}, { name: undefined, generateName: 'a-' })),
      () => client.create(map('', {}, { name: undefined, generateName: 'a-' })),
    ],
  ]);
});

describe('an object that somebody has changed', () => {
  let version: string | undefined;
  const replaceRead: Act = () => client.replace(map('busy', { a: '3' }, { resourceVersion: version }));
  const read = async (): Promise<void> => {
    version = (await client.get('v1', mapKey('busy')))?.metadata.resourceVersion;
  };
  followActs([
    [
      'it changed meanwhile; read it again',
      async () => {
        await client.applyServerSide(map('busy', { a: '1' }));
        await read();
        await client.applyServerSide(map('busy', { a: '2' }));
        await replaceRead();
      },
      async () => {
        await read();
        await replaceRead();
      },
    ],
  ]);
});

describe('an object that is recreated and held by a finalizer', () => {
  const held = map('held', { a: '1' }, { finalizers: ['keelson.test/held'] });
  const recreate: Act = () =>
    recreateObject(client, map('held', { a: '2' }), () => client.create(map('held', { a: '2' })), {
      goneMs: 500,
    });
  followActs([
    [
      'is being deleted to be created anew, but its finalizers hold it (keelson.test/held); see what should remove them',
      async () => {
        await client.create(held);
        await recreate();
      },
      async () => {
        await client.patch('v1', mapKey('held'), { metadata: { finalizers: null } }, 'merge');
        await recreate();
      },
    ],
  ]);
});

describe('a quota', () => {
  const quota = (configmaps: string): Manifest => ({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'few', namespace },
    spec: { hard: { 'count/configmaps': configmaps } },
  });
  const set = async (hard: string): Promise<void> => {
    await client.applyServerSide(quota(hard));
    const key = { group: '', kind: 'ResourceQuota', namespace, name: 'few' };
    await pollUntil('the quota counts', 30, async () => {
      const { status } = (await client.get('v1', key)) as Manifest & {
        status?: { hard?: Record<string, string>; used?: Record<string, string> };
      };
      return status?.hard?.['count/configmaps'] === hard && status.used?.['count/configmaps'] !== undefined;
    });
  };
  const says = 'raise the quota of the namespace, or ask for less';
  const full: Act = async () => {
    await set('1');
    await client.create(map('more'));
  };
  followActs([
    [
      says,
      full,
      async () => {
        await set('50');
        await client.create(map('more'));
      },
    ],
    [says, full, () => client.applyServerSide(map('more', { a: '1' }))],
  ]);
  afterAll(() => client.delete('v1', { group: '', kind: 'ResourceQuota', namespace, name: 'few' }));
});

describe('a webhook of a cluster', () => {
  const configurationKey = {
    group: 'admissionregistration.k8s.io',
    kind: 'MutatingWebhookConfiguration',
    namespace: '',
    name: 'cluster-remedies',
  };
  const calling =
    (alive: boolean): Act =>
    async () => {
      const webhook = await startAdmissionWebhook(() => []);
      const named = { name: 'cluster-remedies', resources: ['secrets'], namespaceLabel: namespace };
      await client.applyServerSide(webhook.configuration(named));
      if (!alive) await webhook.close();
      const metadata = { name: 'called', namespace };
      const write: Act = () => client.applyServerSide({ apiVersion: 'v1', kind: 'Secret', metadata });
      try {
        // Configurations are read a moment after they were written.
        const { clientConfig } = (
          webhook.configuration(named)['webhooks'] as { clientConfig: { url: string } }[]
        )[0] as {
          clientConfig: { url: string };
        };
        let problems: string[] = [];
        await pollUntil(`the webhook at ${clientConfig.url} counts`, 20, async () => {
          problems = await problemsOf(write);
          return alive ? problems.length === 0 : problems.length > 0;
        });
        if (!alive) await write();
      } finally {
        if (alive) await webhook.close();
      }
    };
  followActs([['see why the webhook does not answer', calling(false), calling(true)]]);
  afterAll(() => client.delete('admissionregistration.k8s.io/v1', configurationKey));
});
