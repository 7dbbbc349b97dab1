import { KeelsonError } from '../../core/errors.ts';
import {
  type Marker,
  markerLabel,
  markerLease,
  markerValue,
  readMarker,
} from '../../core/sync/installation/neighbour.ts';
import type { ClusterClient } from '../request/client.ts';

/** Where a marker is left when the control plane's own namespace isn't there: every cluster has it. */
const commonNamespace = 'kube-system';

/** Namespaces that may not be there, or may not be written to: neither is a reason to stop. */
const passedOver: readonly string[] = ['forbidden', 'not-found', 'kind-unknown'];

/** Leaves or renews an installation's marker; answers with the reason where no namespace takes it. */
export async function leaveMarker(
  client: ClusterClient,
  marker: Marker,
  homeNamespace: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  let reason: string | undefined;
  for (const namespace of new Set([homeNamespace, commonNamespace])) {
    try {
      await client.applyServerSide(markerLease(marker, namespace), { signal });
      return undefined;
    } catch (error) {
      if (!(error instanceof KeelsonError) || !passedOver.includes(error.code)) throw error;
      reason = error.message;
    }
  }
  return reason;
}

/** The markers of all installations of a cluster. */
export async function readMarkers(client: ClusterClient, signal: AbortSignal): Promise<readonly Marker[]> {
  const leases = await client.resourceFor('coordination.k8s.io/v1', 'Lease');
  const { items } = await client.list(leases, { labelSelector: `${markerLabel}=${markerValue}`, signal });
  return items.flatMap((lease) => readMarker(lease) ?? []);
}
