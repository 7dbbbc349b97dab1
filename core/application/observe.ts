import { aggregateHealth, type HealthFact, isIgnoredInHealth } from '../health/aggregate.ts';
import { keyOf, type Manifest } from '../object/manifest/manifest.ts';
import type { ComparedObject } from './compared.ts';
import type { ApplicationStatus, ResourceStatus } from './status.ts';
import type { SyncStatus } from './words.ts';

/** What a comparison found, as it is stored with the application. */
export type Observed = {
  readonly syncStatus: SyncStatus;
  readonly healthStatus: string;
  readonly healthMessage: string | null;
  readonly resources: ResourceStatus[];
  readonly summary: NonNullable<ApplicationStatus['summary']>;
};

/** All objects of an application after a comparison, with what concerns them together. */
export type ObservedFacts = {
  readonly objects: readonly ComparedObject[];
  /** Whether anything was ever rendered. */
  readonly isRendered: boolean;
  /** Why the newest desired state could not be rendered; what is compared is an older one then. */
  readonly renderError: string | null;
  /** Why nothing could be compared. */
  readonly fault?: string | undefined;
  /** Whether the destination namespace lacks what the application asks for on it. */
  readonly namespaceDiffers: boolean;
};

/** Entries of `status.resources`: beyond it an application's row would grow too large to be read on every page. */
const mostResources = 5000;

/** What is to be said of an application by its objects: a fold over them, made anew when one of them has changed. */
export function observe({
  objects,
  isRendered,
  renderError,
  fault,
  namespaceDiffers,
}: ObservedFacts): Observed {
  const health = aggregateHealth(objects.flatMap((one) => (one.hook ? [] : [healthFact(one)])));
  const outOfSync =
    namespaceDiffers || objects.some((one) => one.status.status === 'OutOfSync' && !one.extraneous);
  // An object that can't be compared costs only itself; what is in the way of all of them leaves nothing to tell.
  const isBlind = fault !== undefined || objects.some(({ failure }) => failure?.isOutage === true);
  const isKnown = isRendered && renderError === null && !isBlind;
  const unread = objects.some((one) => one.status.status === 'Unknown');
  const resources = objects.slice(0, mostResources).map((one) => one.status);
  return {
    syncStatus: !isKnown ? 'Unknown' : outOfSync ? 'OutOfSync' : unread ? 'Unknown' : 'Synced',
    healthStatus: isRendered ? health.status : 'Unknown',
    healthMessage: health.message ?? null,
    resources: isKnown ? resources : resources.map(withoutVerdict),
    summary: summarize(objects),
  };
}

/** An object of an application whose desired state could not be loaded: nothing can be said of it. */
export function withoutVerdict({ requiresPruning: _, ...status }: ResourceStatus): ResourceStatus {
  return status.status === undefined ? status : { ...status, status: 'Unknown' };
}

function healthFact({ live, desired, failure, health }: ComparedObject): HealthFact {
  const object = (live ?? desired) as Manifest;
  const unseen: HealthFact['health'] = failure === undefined ? undefined : { status: 'Unknown' };
  return {
    key: keyOf(object),
    exists: live !== undefined || unseen !== undefined,
    health: live === undefined ? unseen : health,
    ignored: live !== undefined && isIgnoredInHealth(live),
  };
}

function summarize(objects: readonly ComparedObject[]): Observed['summary'] {
  const images = new Set<string>();
  for (const { live } of objects) {
    for (const image of imagesOf(live)) images.add(image);
  }
  return images.size === 0 ? {} : { images: [...images].sort() };
}

/** Images of an object's pod template or of the pod itself. */
function imagesOf(live: Manifest | undefined): string[] {
  type PodSpec = { containers?: { image?: string }[]; initContainers?: { image?: string }[] };
  const spec = live?.['spec'] as (PodSpec & { template?: { spec?: PodSpec } }) | undefined;
  const pod = spec?.template?.spec ?? spec;
  return [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])].flatMap(({ image }) => image ?? []);
}
