import type { ClusterClient } from '../cluster/client.ts';
import type { ResourceKey } from '../core/object/key.ts';
import type { Manifest } from '../core/object/manifest.ts';
import type { ResultStatus } from '../core/sync/operation.ts';
import type { ApplyStrategy, PlanStep } from '../core/sync/plan.ts';
import type { AttemptRef } from '../workflows/messages.ts';

/** What carrying out a step needs. */
export type StepContext = {
  readonly client: ClusterClient;
  readonly ref: AttemptRef;
  readonly dryRun: boolean;
  /** The manifest to write; absent for prunes. */
  readonly manifest: Manifest | undefined;
  readonly signal: AbortSignal;
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
