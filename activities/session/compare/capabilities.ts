import type { ClusterClient, Discovery } from '../../../cluster/request/client.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { asSession, type SeenCapabilities, saveCapabilities } from '../../../db/queries/cluster/session.ts';
import type { SessionDeps } from '../../deps.ts';
import type { ClusterSession } from '../cluster-session.ts';

/** What rendering and planning need to know of a cluster, from its discovery. */
export async function capabilitiesOf(client: ClusterClient): Promise<SeenCapabilities> {
  const [version, discovery] = await Promise.all([client.version(), client.discover()]);
  const apiVersions = new Set<string>();
  const namespaced: Record<string, boolean> = {};
  for (const { group, apiVersion, kind, namespaced: inNamespace } of discovery.resources) {
    apiVersions.add(apiVersion).add(`${apiVersion}/${kind}`);
    namespaced[`${group}/${kind}`] = inNamespace;
  }
  const unclear = discovery.failures.map(({ groupVersion }) => groupVersion);
  return { kubeVersion: version.gitVersion, apiVersions: [...apiVersions].sort(), namespaced, unclear };
}

/** Tells what a cluster can do whenever that changes: by a definition that is installed, or an upgrade. */
export type CapabilitiesWatch = {
  /** Notices a change; what it has to do about it goes on by itself. */
  look(): void;
  /** Why the session can't go on, once it can't: another one has taken the cluster. */
  failure(): KeelsonError | undefined;
};

export function createCapabilitiesWatch(
  deps: Pick<SessionDeps, 'db' | 'log'>,
  session: Pick<ClusterSession, 'client' | 'clusterId' | 'epoch'>,
): CapabilitiesWatch {
  let told: Discovery['resources'] | undefined;
  let telling = false;
  let failure: KeelsonError | undefined;

  const tell = async (): Promise<void> => {
    try {
      // What is known already: the cache looks again when definitions change, and this asks the cluster nothing.
      const { resources } = await session.client.discover();
      if (resources === told) return;
      const capabilities = await capabilitiesOf(session.client);
      await asSession(deps.db, session, (tx) => saveCapabilities(tx, session.clusterId, capabilities));
      told = resources;
    } catch (error) {
      if (error instanceof KeelsonError && error.code === 'fenced') failure = error;
      else
        deps.log.warn({ clusterId: session.clusterId, error: String(error) }, 'capabilities were not told');
    } finally {
      telling = false;
    }
  };

  return {
    look() {
      if (telling || failure !== undefined) return;
      telling = true;
      void tell();
    },
    failure: () => failure,
  };
}
