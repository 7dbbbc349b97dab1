import type { ClusterClient } from '../../cluster/request/client.ts';
import type { ResourceKey } from '../../core/object/key.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { type Holding, holdingOf, replacedNote } from '../../core/sync/installation/holder.ts';
import type { ResultStatus } from '../../core/sync/operation/operation.ts';
import type { SyncOptions } from '../../core/sync/options/options.ts';
import type { ApplyStrategy, PlanStep } from '../../core/sync/plan/plan.ts';
import type { Owner } from '../../core/sync/tracking/tracking.ts';
import type { Deletable } from '../../core/sync/walk/judge-delete.ts';
import type { AttemptRef } from '../../workflows/messages.ts';

/** What the deletion of a live object is judged by, beside the object itself. */
export type Ground = {
  readonly owner: Owner;
  readonly options: SyncOptions;
  /** Whether the newest state of the source has an object that this operation leaves out. */
  readonly wanted: (key: ResourceKey) => Promise<boolean>;
  /** Whether this installation has ever written the object of this uid. */
  readonly applied: (uid: string) => Promise<boolean>;
};

/** Whose a live object is to the application of a step, and what is to be said once it was deleted for the step. */
export type Holder = { readonly holding: Holding; readonly note: string | undefined };

/** Asks whose a live object is at this moment, and not only when it was planned. */
export async function holderOf(live: Deletable, context: Pick<StepContext, 'ground'>): Promise<Holder> {
  const { owner, applied } = await context.ground();
  const known = await applied(live.metadata.uid ?? '');
  const holding = holdingOf(live, owner, known);
  return { holding, note: replacedNote(holding, known) };
}

/** A manifest with its ignored fields as they are live, and the state of the object that it was made for. */
export type Respected = { readonly manifest: Manifest; readonly resourceVersion: string | undefined };

/** What carrying out a step needs. */
export type StepContext = {
  readonly client: ClusterClient;
  readonly ref: AttemptRef;
  readonly dryRun: boolean;
  /** The manifest to write; absent for prunes. */
  readonly manifest: Manifest | undefined;
  readonly signal: AbortSignal;
  /** A manifest that leaves ignored fields alone as they are at this moment, and not only when it was planned. */
  respecting(manifest: Manifest): Promise<Respected>;
  /** What a deletion is judged by at this moment; asked for only where something is to be deleted. */
  ground(): Promise<Ground>;
  /** Says that the step waits until a live object is gone; what was said is taken back when the step goes on. */
  waitsFor(live: Manifest): Promise<void>;
  /** Called once the object stands in the cluster and before that is recorded. */
  created(): Promise<void>;
};

/** What carrying out a step did. */
export type StepOutcome = {
  readonly status: ResultStatus;
  readonly message: string;
  readonly uid?: string;
  readonly objectVersion?: string;
  /** The strategy that worked in the end, where it may differ from the plan's. */
  readonly strategy?: ApplyStrategy;
};

/** What tells the stored object apart from its successors and former states. */
export function stored({ metadata }: Manifest): Pick<StepOutcome, 'objectVersion' | 'uid'> {
  return {
    ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
    ...(metadata.resourceVersion === undefined ? {} : { objectVersion: metadata.resourceVersion }),
  };
}

export type StepRunner = (step: PlanStep, context: StepContext) => Promise<StepOutcome>;

/** An object as kubectl's messages name it: `deployment.apps/web`. */
export function kubectlName({ group, kind, name }: ResourceKey): string {
  return `${kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${name}`;
}
