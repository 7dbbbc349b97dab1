import type { NamespaceMetadata } from '../../application/spec/sync-policy.ts';
import type { ResourceKey } from '../../object/key.ts';
import { keyOf, type Manifest, type ObjectMetadata } from '../../object/manifest/manifest.ts';
import type { ObjectRefusal } from '../../project/rules/refusal.ts';
import type { SyncRequest } from '../operation/operation.ts';
import type { Tracking } from '../tracking/tracking.ts';

/** A rendered object, in the order of its sources. */
export type DesiredObject = {
  readonly manifest: Manifest;
  readonly digest: string;
  /** From discovery; undefined for a kind that the cluster does not know yet. */
  readonly namespaced: boolean | undefined;
  /** Whether the manifest has ignored fields with the values that are live. */
  readonly respects?: true;
  /** Whether the installation's settings leave this kind out. */
  readonly excluded?: boolean;
  /** Why the cluster can't take objects of this kind, where discovery doesn't know it. */
  readonly unknownKind?: string;
};

/** What the cluster has under a desired key, or under any key while it is tracked as this application's. */
export type LiveObject = {
  readonly key: ResourceKey;
  readonly uid: string;
  readonly apiVersion: string;
  readonly metadata: Pick<
    ObjectMetadata,
    'annotations' | 'labels' | 'ownerReferences' | 'deletionTimestamp' | 'finalizers'
  >;
  /** Whether it differs from what is desired. */
  readonly changed: boolean;
  /** Whether it was tracked as ours by another method, and its last sync came before the method changed. */
  readonly formerlyTracked?: boolean;
  /** Whether the API server could not tell or refused what is desired when the two were compared. */
  readonly unjudged?: boolean;
  /** Whether tools that applied it before own some of its fields. */
  readonly hasFormerManagers?: boolean;
  /** Whether this installation has never applied it, whatever its marks say. */
  readonly stranger?: boolean;
};

/** When the last group waits for health too: always, or as the reference does, only behind hooks. */
export type SyncGate = 'all' | 'reference';

/** Everything that a plan depends on; nothing else decides it. */
export type PlanInput = {
  readonly desired: readonly DesiredObject[];
  readonly live: readonly LiveObject[];
  readonly application: {
    readonly instance: string;
    readonly destinationNamespace: string;
    /** Used when the request brings no options of its own. */
    readonly syncOptions: readonly string[];
    readonly tracking: Tracking;
    /** The application as messages name it, with its namespace; the instance when absent. */
    readonly title?: string;
    /** Labels and annotations that the created destination namespace is given at every sync. */
    readonly managedNamespaceMetadata?: NamespaceMetadata;
    /** Field manager whose fields are taken over beside those of the known tools. */
    readonly formerManager?: string | undefined;
  };
  readonly request: SyncRequest;
  /** Why what is desired may not be all that is desired, so that nothing is pruned for it. */
  readonly untrusted?: string | undefined;
  readonly operation: { readonly startedAtUnix: number; readonly revision: string };
  /** Whether the destination namespace exists. */
  readonly namespaceExists: boolean;
  readonly gate: SyncGate;
  /** Why the application's project keeps it from an object. */
  readonly refusalOf: ObjectRefusal;
};

/** Options in force: those of the request replace the application's, they are not merged. */
export function optionsInForce(input: {
  readonly request: Pick<SyncRequest, 'syncOptions'>;
  readonly application: Pick<PlanInput['application'], 'syncOptions'>;
}): readonly string[] {
  return input.request.syncOptions.length > 0 ? input.request.syncOptions : input.application.syncOptions;
}

/** The key under which a rendered object lives; a kind that is not known yet is taken for namespaced. */
export function desiredKey(
  desired: Pick<DesiredObject, 'manifest' | 'namespaced'>,
  destinationNamespace: string,
): ResourceKey {
  const key = keyOf(desired.manifest);
  if (desired.namespaced === false) return { ...key, namespace: '' };
  return key.namespace === '' ? { ...key, namespace: destinationNamespace } : key;
}
