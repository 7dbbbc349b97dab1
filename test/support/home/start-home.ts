import type { ClusterClient } from '../../../cluster/request/client.ts';
import type { Application } from '../../../core/application/spec/spec.ts';
import type { ResourceKey } from '../../../core/object/key.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { readHomeSession } from '../../../db/queries/home/home-session.ts';
import { pollUntil } from '../../../local/poll.ts';
import { testPlatform } from '../keelson/platform.ts';
import { startKeelson, type TestKeelson } from '../keelson/start-keelson.ts';
import { installHomeKinds } from './home-kinds.ts';
import { openPlatformCluster } from './platform-cluster.ts';

/** An object as somebody writes it, of the namespace that is Keelson's own. */
type AppliedObject = Pick<Manifest, 'apiVersion' | 'kind'> & {
  readonly metadata: Pick<Application['metadata'], 'annotations' | 'finalizers' | 'labels' | 'name'>;
  readonly [field: string]: unknown;
};

/** A Keelson whose applications are the objects of one namespace of the shared cluster. */
export type TestHome = TestKeelson & {
  readonly namespace: string;
  readonly database: DatabaseConnection;
  /** Applies an Application object as somebody with kubectl does; answers with what the API server stored. */
  apply(object: AppliedObject, fieldManager?: string): Promise<Manifest>;
  /** The object of a name as it is in the cluster. */
  object(name: string): Promise<Manifest | undefined>;
  keyOf(name: string): ResourceKey;
};

function isApplication(
  object: Omit<AppliedObject, 'metadata'>,
): object is Pick<Application, 'apiVersion' | 'kind' | 'spec'> {
  return object['kind'] === 'Application';
}

/** Starts one with a control-plane namespace of the test file's own. */
export async function startHome(
  namespace: string,
  options: {
    readonly prepare?: (cluster: ClusterClient) => Promise<void>;
    readonly env?: Readonly<Record<string, string>>;
    /** Of a cluster of the test's own; the shared one unless given. */
    readonly kubeconfigPath?: string;
  } = {},
): Promise<TestHome> {
  const { kubeconfigPath = testPlatform().kubeconfigPath } = options;
  const cluster = await openPlatformCluster({ kubeconfigPath });
  await installHomeKinds(cluster);
  await cluster.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await options.prepare?.(cluster);
  await cluster.close();
  const keelson = await startKeelson({
    env: { KEELSON_HOME_BRIDGE: 'true', KEELSON_NAMESPACE: namespace, ...options.env },
    kubeconfigPath,
  });
  const database = connectDatabase(keelson.databaseUrl, { connections: 2, onError: () => {} });
  const keyOf = (name: string) => ({ group: 'argoproj.io', kind: 'Application', namespace, name });
  await pollUntil('a complete list of the applications', 60, async () => {
    const session = await readHomeSession(database.db);
    return session?.kinds['applications']?.listedAt !== undefined;
  });
  return {
    ...keelson,
    namespace,
    database,
    keyOf,
    apply({ metadata: own, ...rest }, fieldManager = 'kubectl') {
      if (isApplication(rest)) keelson.claim({ ...rest, metadata: { name: own.name } });
      const { name, labels = {}, annotations = {}, finalizers = [] } = own;
      const metadata = { name, namespace, labels, annotations, finalizers };
      return keelson.cluster.applyServerSide({ ...rest, metadata }, { fieldManager });
    },
    object: (name) => keelson.cluster.get('argoproj.io/v1alpha1', keyOf(name)),
    async stop() {
      await database.close();
      await keelson.stop();
    },
  };
}
