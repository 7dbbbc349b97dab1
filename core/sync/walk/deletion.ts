import { formatKey, type ResourceKey } from '../../object/key.ts';
import { someOf } from '../../text/some-of.ts';

/** Whether the objects go with their application, and how the cluster deletes what they own in turn. */
export type Cascade = 'foreground' | 'background' | 'none';

/** What a deletion was asked for. */
export type DeletionRequest = {
  readonly cascade: Cascade;
  /** Counted from the deletion's request; afterwards it ends as failed. Without one it waits as long as it takes. */
  readonly deadlineSeconds?: number;
  /** An earlier deletion got past its PreDelete hooks and failed later: they don't run again. */
  readonly skipPreDelete?: boolean;
  /** Runs the hooks although the objects stay, as the finalizers of an object ask that name hooks alone. */
  readonly hooksAlone?: boolean;
};

/** A deletion that an application waits for, from its request until it is carried out or given up. */
export type RequestedDeletion = DeletionRequest & {
  /** Who asked; the operation is theirs, whoever makes its row. */
  readonly username: string;
  /** The application's finalizers as they were, for the case that it stays. */
  readonly finalizers: readonly string[];
  /** Uid of the object in the home cluster that is being deleted: what that has begun nobody can take back. */
  readonly object?: string;
  /** It stays begun and does not go on before somebody asks for it again. */
  readonly stopped?: true;
};

/** Why a deletion did not come through. */
export type DeletionFailure = {
  readonly operationId: string;
  readonly message: string;
  readonly at: string;
  /** Whether its PreDelete hooks have run, so that the next deletion leaves them out. */
  readonly preDeleteDone: boolean;
};

/** An object that a deletion left in the cluster. */
export type Orphan = {
  readonly key: ResourceKey;
  readonly finalizers: readonly string[];
  /** Set when the object is being deleted and something holds it. */
  readonly deletionTimestamp?: string;
};

/** Whether a cluster was asked what is left in it, or could not be and this is what was last known of it. */
export const orphanSources = ['cluster', 'last-known'] as const;

/** What a deletion left behind. */
export type OrphanReport = {
  readonly at: string;
  /** Name or server of the cluster in which the objects are. */
  readonly cluster: string;
  readonly source: (typeof orphanSources)[number];
  readonly objects: readonly Orphan[];
  /** Objects beyond those that are listed. */
  readonly more: number;
};

/** Objects that a report lists by name. */
export const mostOrphans = 1000;

const shownOrphans = 3;

/** How many objects a report counts. */
export function orphanCount(report: OrphanReport): number {
  return report.objects.length + report.more;
}

/** A report in one sentence part: `2 objects remain in cluster prod: ConfigMap a/b (held by finalizer x), ...`. */
export function orphanWords(report: OrphanReport): string {
  const count = orphanCount(report);
  if (count === 0) return `no object remains in cluster ${report.cluster}`;
  const named = report.objects.map((orphan) => {
    const holders = orphan.deletionTimestamp === undefined ? '' : holderWords(orphan.finalizers);
    return `${formatKey(orphan.key)}${holders === '' ? '' : ` (${holders})`}`;
  });
  const known = report.source === 'cluster' ? '' : ', as far as known without asking it';
  const verb = count === 1 ? 'object remains' : 'objects remain';
  return `${count} ${verb} in cluster ${report.cluster}${known}: ${someOf(named, shownOrphans, { of: count })}`;
}

/** The garbage collector's own finalizer: it goes by itself when all that the object owns is gone. */
const foregroundFinalizer = 'foregroundDeletion';

/** What keeps an object that is being deleted; empty when no finalizer does. */
export function holderWords(finalizers: readonly string[]): string {
  const holders = finalizers.filter((finalizer) => finalizer !== foregroundFinalizer);
  if (holders.length > 0)
    return `held by ${holders.length === 1 ? 'finalizer' : 'finalizers'} ${holders.join(', ')}`;
  return finalizers.length > 0 ? 'held by objects that it owns and that are still being deleted' : '';
}

/** What can be done about objects that a deletion doesn't get rid of. */
export function wayOut(application: string): string {
  return `delete it again, or give its objects up: keelson app delete ${application} --orphan`;
}
