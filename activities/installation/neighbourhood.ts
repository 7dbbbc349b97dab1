import { leaveMarker, readMarkers } from '../../cluster/installation/marker.ts';
import { instanceName } from '../../core/application/source/source.ts';
import { describeError, KeelsonError } from '../../core/errors.ts';
import {
  neighbourLines,
  neighboursOf,
  readController,
  type Self,
  type Sightings,
} from '../../core/sync/installation/neighbour.ts';
import { applicationsOfCluster } from '../../db/queries/application/desired.ts';
import { asSession } from '../../db/queries/cluster/session.ts';
import { installationId, saveClusterLook } from '../../db/queries/installation/installation.ts';
import type { LeaseDeps } from '../deps.ts';
import type { LiveCluster } from '../session/live-clusters.ts';

/** A marker counts for a day, so that a few renewals may fail. */
const renewMilliseconds = 60 * 60 * 1000;
/** What others there are is worth this much of a session's start. */
const patienceMilliseconds = 5000;

/** Knows which others write to a session's cluster as this installation does. */
export type Neighbourhood = {
  /** Others that write the same marks, as they were seen last. */
  neighbours(): readonly string[];
  /** Renews this installation's marker and looks for others; what can't be done is said and changes nothing else. */
  look(live: LiveCluster): Promise<void>;
  /** The same, by itself, when it is time again. */
  lookWhenDue(live: LiveCluster): void;
};

export function createNeighbourhood(deps: LeaseDeps): Neighbourhood {
  let neighbours: readonly string[] = [];
  let told = '';
  let dueAt = Number.NEGATIVE_INFINITY;

  const look = async (live: LiveCluster): Promise<void> => {
    dueAt = performance.now() + renewMilliseconds;
    const { clusterId } = live;
    try {
      const self: Self = {
        id: await installationId(deps.db, deps.keyring),
        installationId: live.settings.tracking.installationId ?? '',
      };
      const at = new Date();
      const { problem, sightings } = await sightingsOf(deps, live, self, at);
      neighbours = neighboursOf(sightings, self, at);
      const lines = [...neighbourLines(neighbours, sightings.instances), ...problem];
      await asSession(deps.db, live, (tx) => saveClusterLook(tx, deps.keyring, clusterId, { at, lines }));
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
    lookWhenDue(live) {
      if (performance.now() >= dueAt) void look(live);
    },
  };
}

async function sightingsOf(
  deps: Pick<LeaseDeps, 'db' | 'homeNamespace' | 'instance'>,
  live: LiveCluster,
  self: Self,
  renewedAt: Date,
): Promise<{ readonly sightings: Sightings; readonly problem: readonly string[] }> {
  const { client, cache, clusterId } = live;
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
    cache.get({ group: '', kind: 'ConfigMap', namespace, name: 'argocd-cm' });
  const workloads = ['StatefulSet', 'Deployment'].flatMap((kind) => cache.ofKind('apps', kind));
  const own = new Set(
    applications.map((application) => instanceName({ metadata: application }, deps.homeNamespace)),
  );
  return {
    problem: problems,
    sightings: {
      markers,
      controllers: workloads.flatMap((workload) => readController(workload, settingsOf) ?? []),
      instances: cache.instances().filter((instance) => !own.has(instance)),
    },
  };
}
