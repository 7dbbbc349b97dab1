import type { Manifest } from '../../object/manifest/manifest.ts';
import { someOf } from '../../text/some-of.ts';

/** Label of the leases by which installations of Keelson mark a cluster. */
export const markerLabel = 'keelson.dev/marker';
/** Its value. */
export const markerValue = 'installation';
const installationAnnotation = 'keelson.dev/installation-id';

/** One installation as its marker tells of it. */
export type Marker = {
  /** Made once and kept in its database. */
  readonly id: string;
  /** Its process that was there last. */
  readonly instance: string;
  /** `installationID` of its settings; empty without one. */
  readonly installationId: string;
  readonly renewedAt: Date;
};

/** How long after its last renewal an installation counts as there: one that is stopped for a night still has its objects. */
export const markerSeconds = 24 * 60 * 60;

/** The marker as an object; a lease, as it says who is there and since when. */
export function markerLease(marker: Marker, namespace: string): Manifest {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: `keelson-${marker.id}`,
      namespace,
      labels: { [markerLabel]: markerValue },
      annotations: { [installationAnnotation]: marker.installationId },
    },
    spec: {
      holderIdentity: `${marker.id} ${marker.instance}`,
      leaseDurationSeconds: markerSeconds,
      // A time in microseconds, which the API server insists on.
      renewTime: marker.renewedAt.toISOString().replace('Z', '000Z'),
    },
  };
}

/** Reads a marker; undefined for a lease that is none. */
export function readMarker({ metadata, spec }: Manifest): Marker | undefined {
  const { holderIdentity, renewTime } = (spec ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof holderIdentity !== 'string' || typeof renewTime !== 'string') return undefined;
  const [id = '', ...instance] = holderIdentity.split(' ');
  const renewedAt = new Date(renewTime);
  if (id === '' || Number.isNaN(renewedAt.getTime())) return undefined;
  const installationId = metadata.annotations?.[installationAnnotation] ?? '';
  return { id, instance: instance.join(' '), installationId, renewedAt };
}

/** A controller of the reference that a cluster has. */
export type ReferenceController = {
  readonly namespace: string;
  /** Of its settings; undefined where these could not be read. */
  readonly installationId: string | undefined;
  readonly running: boolean;
};

/** Recognises the reference's controller by the labels that its manifests and its chart give it. */
export function readController(
  workload: Manifest,
  settingsOf: (namespace: string) => Manifest | undefined,
): ReferenceController | undefined {
  const { labels = {}, namespace = '' } = workload.metadata;
  const isController =
    labels['app.kubernetes.io/name'] === 'argocd-application-controller' ||
    (labels['app.kubernetes.io/part-of'] === 'argocd' &&
      labels['app.kubernetes.io/component'] === 'application-controller');
  if (!isController) return undefined;
  const spec = (workload['spec'] ?? {}) as { readonly replicas?: number };
  const settings = settingsOf(namespace);
  const data = (settings?.['data'] ?? {}) as { readonly installationID?: string };
  return {
    namespace,
    installationId: settings === undefined ? undefined : (data.installationID ?? ''),
    running: spec.replicas !== 0,
  };
}

/** All that a look at a cluster found of others. */
export type Sightings = {
  readonly markers: readonly Marker[];
  readonly controllers: readonly ReferenceController[];
  /** Applications that objects of the cluster name and that this installation doesn't have. */
  readonly instances: readonly string[];
};

/** This installation. */
export type Self = { readonly id: string; readonly installationId: string };

/** Others that write the same marks as this installation, as people know them. */
export function neighboursOf(
  { markers, controllers }: Pick<Sightings, 'controllers' | 'markers'>,
  self: Self,
  now: Date,
): readonly string[] {
  const installations = markers
    .filter((marker) => marker.id !== self.id && isFresh(marker, now))
    .filter(({ installationId }) => installationId === self.installationId)
    .map(({ id, instance }) => `Keelson ${id.slice(0, 8)} (${instance})`);
  const references = controllers
    .filter(({ running, installationId = self.installationId }) => {
      return running && installationId === self.installationId;
    })
    .map(({ namespace }) => `Argo CD in namespace ${namespace}`);
  return [...new Set([...references, ...installations])].sort();
}

function isFresh({ renewedAt }: Marker, now: Date): boolean {
  return now.getTime() - renewedAt.getTime() < markerSeconds * 1000;
}

const remedy =
  'set installationID in argocd-cm before the first sync, unless you are moving applications over (docs/operate/tracking.md)';
const shownNames = 5;

/** What a person who starts this installation is told of others on its cluster, a line each. */
export function neighbourLines(
  neighbours: readonly string[],
  instances: readonly string[],
): readonly string[] {
  const others = neighbours.map(
    (who) =>
      `${who} writes the same marks on this cluster, so objects of an application that both have go from one to the other; ${remedy}`,
  );
  if (instances.length === 0) return others;
  const names = someOf([...instances].sort(), shownNames);
  return [
    ...others,
    `objects on this cluster name applications that this installation doesn't have (${names}): an application of such a name takes them for its own; ${remedy}`,
  ];
}
