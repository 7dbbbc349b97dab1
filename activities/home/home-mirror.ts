import type { ApiResource } from '../../cluster/discovery/resource.ts';
import type { ClusterClient } from '../../cluster/request/client.ts';
import type { HomeControl, Transaction } from '../../control/home/context.ts';
import type { Origin } from '../../core/home/incarnation.ts';
import type { ResourceKey } from '../../core/object/key.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import type { Faults } from '../../platform/fault.ts';

/** The home cluster as this process mirrors it under one epoch: what the kinds of the table work with. */
export type HomeMirror = {
  readonly epoch: number;
  readonly client: ClusterClient;
  readonly control: HomeControl;
  /** Writes of this session; throws `fenced` once another one has taken its place. */
  readonly transaction: Transaction;
  readonly faults: Faults;
  /** Aborts when the session ends. */
  readonly signal: AbortSignal;
};

/** Which objects of the home cluster a kind is about. */
export type MirroredResource = {
  readonly apiVersion: string;
  readonly kind: string;
  /** The namespace in which they are looked for; undefined for all. */
  readonly namespace: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
};

/** How an object of a mirrored kind was found by the session. */
export type FoundAs = Exclude<Origin, 'write'>;

/**
 * A kind of objects that the session mirrors. Its calls come one after the other, those of the entries of one list side by
 * side; each is repeated until it succeeds where it throws what may pass, so it may come again. An object at which a call
 * fails for good is passed over until it changes or is listed again, and holds up no other.
 */
export type MirroredKind = {
  /** Under which its state is kept and told. */
  readonly name: string;
  readonly resource: MirroredResource;
  /**
   * An object as it is in the home cluster; takes in what is newer than what is known. Where only a read of the object
   * tells whether what was found is old it is `doubtful`, and what is read then is taken next.
   */
  take(object: Manifest, as: FoundAs): Promise<'done' | 'doubtful'>;
  /** An object was seen to be deleted; `last` is its last state. */
  gone(key: ResourceKey, last: Manifest): Promise<void>;
  /** A list was complete and all its entries are taken: whatever isn't among these isn't there, or was not in this list. */
  listed(keys: readonly ResourceKey[], resource: ApiResource): Promise<void>;
};
