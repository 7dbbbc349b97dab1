import type { KeelsonError } from '../../errors.ts';
import type { ResourceKey } from '../../object/key.ts';
import { definedKind, kindId } from '../../object/manifest/definition.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { joinCauses } from '../operation/message.ts';
import type { PlanStep, SyncPlan } from './plan.ts';

/** What a sync brings that other objects of it depend on; before that, a dry run of those tells little. */
export type Prerequisites = {
  /** Namespaces that do not stand yet. */
  readonly namespaces: ReadonlySet<string>;
  /** Kinds whose definitions are new or change, as `group/Kind`. */
  readonly kinds: ReadonlySet<string>;
  /** Whether permissions, quotas or admission rules change. */
  readonly admission: boolean;
};

/** What of a plan decides whether the API server takes other objects of it. */
export function prerequisitesOf(
  steps: readonly PlanStep[],
  manifestOf: (step: PlanStep) => Manifest | undefined,
): Prerequisites {
  const namespaces = new Set<string>();
  const kinds = new Set<string>();
  let admission = false;
  for (const step of steps) {
    if (!step.changed) continue;
    if (isNamespace(step.key) && step.uid === undefined) namespaces.add(step.key.name);
    const manifest = manifestOf(step);
    const defined = manifest === undefined ? undefined : definedKind(manifest);
    if (defined !== undefined) kinds.add(kindId(defined));
    admission ||= admits(step.key);
  }
  return { namespaces, kinds, admission };
}

function isNamespace({ group, kind }: ResourceKey): boolean {
  return group === '' && kind === 'Namespace';
}

const admitting: ReadonlySet<string> = new Set(['/LimitRange', '/Namespace', '/ResourceQuota']);
const admittingGroups: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io',
  'rbac.authorization.k8s.io',
]);

function admits({ group, kind }: ResourceKey): boolean {
  return admittingGroups.has(group) || admitting.has(kindId({ group, kind }));
}

/** Why a refused dry run of an object says nothing about its real write; undefined when it does. */
export function inconclusiveReason(
  error: Pick<KeelsonError, 'code' | 'message' | 'retryable'>,
  key: ResourceKey,
  prerequisites: Prerequisites,
): string | undefined {
  if (error.retryable) return 'the API server could not tell';
  // Planning has refused kinds that neither the cluster nor the sync has, unless an option says to skip the check.
  if (error.code === 'kind-unknown') return 'its kind is not served yet';
  if (error.code === 'not-found' && prerequisites.namespaces.has(key.namespace)) {
    return `namespace ${key.namespace} comes with this sync`;
  }
  if (error.code === 'object-invalid' && prerequisites.kinds.has(kindId(key))) {
    return 'the definition of its kind changes with this sync';
  }
  if (error.code === 'forbidden' && prerequisites.admission) {
    return 'permissions, quotas or admission rules change with this sync';
  }
  // What this sync prunes may make room.
  return error.message.includes('exceeded quota') ? 'the quota may have room by then' : undefined;
}

/** Messages of single objects that the operation's own message repeats; the rest is on the objects. */
const mostNamed = 20;

/** The plan that carries nothing out because the API server refuses some of its objects: those are its steps. */
export function refusedByDryRun(plan: SyncPlan, refusals: ReadonlyMap<number, string>): SyncPlan {
  const steps = plan.steps
    .filter(({ step }) => refusals.has(step))
    .map((step, position) => ({ ...step, step: position, note: refusals.get(step.step) ?? '' }));
  return {
    schemaVersion: plan.schemaVersion,
    steps,
    groups: [],
    failureGroups: [],
    refused: `one or more objects failed to apply (dry run): ${joinCauses([...refusals.values()], mostNamed)}`,
  };
}
