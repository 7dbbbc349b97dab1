import { leaveMarker, readMarkers } from '../../cluster/installation/marker.ts';
import type { ClusterClient } from '../../cluster/request/client.ts';
import { instanceName } from '../../core/application/source/source.ts';
import { describeError, KeelsonError } from '../../core/errors.ts';
import {
  neighbourLines,
  neighboursOf,
  readController,
  type Self,
  type Sightings,
} from '../../core/sync/installation/neighbour.ts';
import type { Database } from '../../db/client.ts';
import { applicationsOfCluster } from '../../db/queries/application/desired.ts';
import type { Session } from '../../db/queries/cluster/session.ts';
import { asSession } from '../../db/queries/cluster/session.ts';
import { installationId, saveClusterObservation } from '../../db/queries/installation/installation.ts';
import type { Keyring } from '../../platform/encryption.ts';
import type { Logger } from '../../platform/logger.ts';
import type { ClusterView } from '../session/cluster-view.ts';

/** A marker counts for a day, so that a few renewals may fail. */
const renewMilliseconds = 60 * 60 * 1000;
/** What others there are is worth this much of a session's start. */
const patienceMilliseconds = 5000;

/** Knows which others write to a session's cluster as this installation does. */
export type Neighbourhood = {
  /** Others that write the same marks, as they were seen last. */
  neighbours(): readonly string[];
  /** Renews this installation's marker and looks for others; what can't be done is said and changes nothing else. */
  look(): Promise<void>;
  /** The same, by itself, when it is time again. */
  lookWhenDue(): void;
};

/** This installation, as others see it. */
type Installation = {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly log: Logger;
  readonly homeNamespace: string;
  readonly instance: string;
};

/** The session's cluster, where the others are looked for. */
type Cluster = Session & {
  readonly client: ClusterClient;
  readonly view: Pick<ClusterView, 'get' | 'instances' | 'ofKind' | 'settings'>;
};

/** What is known of others on the cluster of one session; nothing until they are looked for. */
export function createNeighbourhood(deps: Installation, cluster: Cluster): Neighbourhood {
  let neighbours: readonly string[] = [];
  let told = '';
  let dueAt = Number.NEGATIVE_INFINITY;

  const look = async (): Promise<void> => {
    dueAt = performance.now() + renewMilliseconds;
    const { clusterId } = cluster;
    try {
      const self: Self = {
        id: await installationId(deps.db, deps.keyring),
        installationId: cluster.view.settings.tracking.installationId ?? '',
      };
      const at = new Date();
      const { problem, sightings } = await sightingsOf(deps, cluster, self, at);
      neighbours = neighboursOf(sightings, self, at);
      const lines = [...neighbourLines(neighbours, sightings.instances), ...problem];
      await asSession(deps.db, cluster, (tx) =>
        saveClusterObservation(tx, deps.keyring, clusterId, { at, lines }),
      );
      const summary = lines.join('\n');
      if (summary !== told) deps.log.warn({ clusterId, others: lines }, 'others on the cluster changed');
      told = summary;
    } catch (error) {
      // Nobody's sync waits for this; a session that was replaced hears of it elsewhere.
      if (!(error instanceof KeelsonError) || error.code !== 'fenced') {
        deps.log.warn({ clusterId, error: describeError(error) }, 'other installations were not looked for');
      }
    }
  };

  return {
    neighbours: () => neighbours,
    look,
    lookWhenDue() {
      if (performance.now() >= dueAt) void look();
    },
  };
}

async function sightingsOf(
  deps: Pick<Installation, 'db' | 'homeNamespace' | 'instance'>,
  { client, clusterId, view }: Cluster,
  self: Self,
  renewedAt: Date,
): Promise<{ readonly sightings: Sightings; readonly problem: readonly string[] }> {
  const signal = AbortSignal.timeout(patienceMilliseconds);
  const marker = { ...self, instance: deps.instance, renewedAt };
  const problems: string[] = [];
  const orSay = async <T>(what: string, other: T, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      problems.push(`${what}: ${describeError(error)}`);
      return other;
    }
  };
  const [unmarked, markers, applications] = await Promise.all([
    orSay('this installation could not mark the cluster', undefined, () =>
      leaveMarker(client, marker, deps.homeNamespace, signal),
    ),
    orSay('other installations of Keelson could not be looked for', [], () => readMarkers(client, signal)),
    applicationsOfCluster(deps.db, clusterId),
  ]);
  if (unmarked !== undefined) problems.push(`this installation could not mark the cluster: ${unmarked}`);
  const settingsOf = (namespace: string) =>
    view.get({ group: '', kind: 'ConfigMap', namespace, name: 'argocd-cm' });
  const workloads = ['StatefulSet', 'Deployment'].flatMap((kind) => view.ofKind('apps', kind));
  const own = new Set(
    applications.map((application) => instanceName({ metadata: application }, deps.homeNamespace)),
  );
  return {
    problem: problems,
    sightings: {
      markers,
      controllers: workloads.flatMap((workload) => readController(workload, settingsOf) ?? []),
      instances: view.instances().filter((instance) => !own.has(instance)),
    },
  };
}
