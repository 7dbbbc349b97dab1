import { helmResourcePolicyAnnotation, hookAnnotation } from '../object/annotations.ts';
import { deleteChoice, parseSyncOptions } from './options.ts';
import { compareSteps } from './order.ts';
import { type PlanGroup, type PlanStep, planSchemaVersion, type SyncPlan } from './plan.ts';
import type { LiveObject } from './plan-input.ts';
import { isSelfReferenced, ownerOf, type Tracking } from './tracking.ts';
import { waveOf } from './wave.ts';

/** Everything that a deletion depends on. */
export type DeleteInput = {
  /** Objects that are tracked as the application's. */
  readonly live: readonly LiveObject[];
  readonly application: {
    readonly instance: string;
    readonly syncOptions: readonly string[];
    readonly tracking: Tracking;
  };
  readonly propagationPolicy: NonNullable<PlanStep['propagationPolicy']>;
};

type Deletion = Omit<PlanStep, 'step' | 'batch'>;

/**
 * Decides the deletion of an application's objects: highest wave first, each wave waited for until its objects are
 * gone. CRDs, objects with owners and objects that ask to be kept stay.
 */
export function planDelete(input: DeleteInput): SyncPlan {
  const options = parseSyncOptions(input.application.syncOptions);
  const deletions = input.live
    .filter((object) => isOurs(object, input))
    .filter((object) => deleteChoice(object, options) !== 'no' && !isKept(object))
    .map(
      (object): Deletion => ({
        phase: 'Sync',
        wave: -waveOf(object),
        action: 'prune',
        apiVersion: object.apiVersion,
        key: object.key,
        propagationPolicy: input.propagationPolicy,
        changed: true,
        uid: object.uid,
      }),
    )
    .sort(compareSteps);
  const steps = deletions.map((deletion, step): PlanStep => ({ step, batch: 0, ...deletion }));
  return { schemaVersion: planSchemaVersion, steps, groups: groupsOf(steps), failureGroups: [] };
}

function isOurs(object: LiveObject, { application }: DeleteInput): boolean {
  return (
    (object.metadata.ownerReferences ?? []).length === 0 &&
    ownerOf(object, application.tracking) === application.instance &&
    isSelfReferenced(object, application.tracking)
  );
}

/** Hooks that an earlier sync left behind go with the application too; only a resource policy keeps an object. */
function isKept(object: LiveObject): boolean {
  const annotations = object.metadata.annotations ?? {};
  return annotations[helmResourcePolicyAnnotation] === 'keep' && annotations[hookAnnotation] === undefined;
}

function groupsOf(steps: readonly PlanStep[]): PlanGroup[] {
  const groups: PlanGroup[] = [];
  for (const { step, wave } of steps) {
    const last = groups.at(-1);
    if (last?.wave === wave) groups[groups.length - 1] = { ...last, count: last.count + 1 };
    else groups.push({ phase: 'Sync', wave, first: step, count: 1, settle: true });
  }
  return groups;
}
