import type { ApplicationSpec } from '../../application/spec/spec.ts';
import type { ApplicationOperation } from '../../application/spec/sync-policy.ts';
import type { SyncBody } from '../../wire/sync.ts';

/** The sync that an object's `operation` asks for, and the spec that it is to bring. */
export type RequestedSync = { readonly body: SyncBody; readonly spec: ApplicationSpec };

/** Reads what `operation` asks for; a text says why nothing can be made of it. */
export function requestedSync(
  operation: ApplicationOperation,
  spec: ApplicationSpec,
): RequestedSync | string {
  const { sync, retry, info } = operation;
  if (sync === undefined) return 'operation asks for no sync';
  if (sync.manifests !== undefined && sync.manifests.length > 0)
    return 'operation.sync.manifests is taken by the API alone';
  const { revision, revisions = [], source, sources } = sync;
  const given = sources === undefined ? { source } : { sources };
  return {
    spec: source === undefined && sources === undefined ? spec : { ...spec, ...given },
    body: {
      ...(revision === undefined || revision === '' ? {} : { revision }),
      ...(revisions.length === 0
        ? {}
        : { revisions, sourcePositions: revisions.map((_, position) => position + 1) }),
      prune: sync.prune,
      dryRun: sync.dryRun,
      strategy: sync.syncStrategy,
      resources: sync.resources,
      ...(sync.syncOptions === undefined ? {} : { syncOptions: { items: sync.syncOptions } }),
      ...(retry === undefined ? {} : { retryStrategy: retry }),
      infos: info,
    },
  };
}

/** What was made of an operation of an object before. */
export type KnownOperation = {
  readonly resourceVersion: string;
  readonly digest: string;
  /** The version that has it no more; null while it may still be there. */
  readonly clearedVersion: string | null;
};

/**
 * Whether an operation in an object is a request of its own: not one that was taken up and stands there still, nor one that
 * an event is late with. `order` compares two versions, undefined where they have no order.
 */
export function isNewRequest(
  seen: { readonly resourceVersion: string; readonly digest: string },
  known: readonly KnownOperation[],
  order: (a: string, b: string) => number | undefined,
): boolean {
  return known.every(({ resourceVersion, digest, clearedVersion }) => {
    if (resourceVersion === seen.resourceVersion) return false;
    if (clearedVersion === null) return digest !== seen.digest;
    return (order(seen.resourceVersion, clearedVersion) ?? 1) > 0;
  });
}
