import { hookFinalizers } from '../object/annotations.ts';
import { groupOf, type Manifest } from '../object/manifest/manifest.ts';
import { crdRules } from './crd/rules.ts';
import { type HealthRule, health, type ObjectHealth } from './health.ts';
import { assessByRule, createRuleLookup, type KindRule } from './kind-rule.ts';
import { assessHorizontalPodAutoscaler } from './kinds/autoscaler.ts';
import { assessCronJob, assessJob } from './kinds/batch.ts';
import { assessDefinition } from './kinds/definition.ts';
import { assessDisruptionBudget } from './kinds/disruption.ts';
import { assessApiService, assessIngress, assessService } from './kinds/network.ts';
import { assessPod } from './kinds/pod.ts';
import { assessPersistentVolumeClaim } from './kinds/storage.ts';
import { assessDaemonSet, assessDeployment, assessReplicaSet, assessStatefulSet } from './kinds/workload.ts';

export type { ObjectHealth } from './health.ts';

/** A rule and the API versions it understands; another version of the kind has unknown health. */
type RuleEntry = { readonly versions?: readonly string[]; readonly rule: HealthRule };

const rules: Readonly<Record<string, RuleEntry>> = {
  'apps/Deployment': { versions: ['apps/v1'], rule: assessDeployment },
  'apps/ReplicaSet': { versions: ['apps/v1'], rule: assessReplicaSet },
  'apps/StatefulSet': { versions: ['apps/v1'], rule: assessStatefulSet },
  'apps/DaemonSet': { versions: ['apps/v1'], rule: assessDaemonSet },
  'batch/Job': { versions: ['batch/v1'], rule: assessJob },
  'batch/CronJob': { rule: assessCronJob },
  '/Pod': { versions: ['v1'], rule: assessPod },
  '/Service': { versions: ['v1'], rule: assessService },
  '/PersistentVolumeClaim': { versions: ['v1'], rule: assessPersistentVolumeClaim },
  'networking.k8s.io/Ingress': { rule: assessIngress },
  'extensions/Ingress': { rule: assessIngress },
  'autoscaling/HorizontalPodAutoscaler': {
    versions: ['autoscaling/v1', 'autoscaling/v2'],
    rule: assessHorizontalPodAutoscaler,
  },
  'policy/PodDisruptionBudget': { versions: ['policy/v1', 'policy/v1beta1'], rule: assessDisruptionBudget },
  'apiregistration.k8s.io/APIService': {
    versions: ['apiregistration.k8s.io/v1', 'apiregistration.k8s.io/v1beta1'],
    rule: assessApiService,
  },
  'apiextensions.k8s.io/CustomResourceDefinition': { rule: assessDefinition },
};

const crdRule = createRuleLookup(crdRules);

/** Group and kind of every kind of Kubernetes itself that has a rule, as `group/Kind`. */
export const builtInKinds: readonly string[] = Object.keys(rules);

/** The rule of a kind that comes with a custom resource definition, if it has health. */
export function crdRuleOf(group: string, kind: string): KindRule | undefined {
  const found = crdRule(group, kind);
  return found === undefined || found.checks.length === 0 ? undefined : found;
}

/** Whether objects of a kind have health at all: their full content has to be watched, not only the metadata. */
export function hasHealthRule(group: string, kind: string): boolean {
  return `${group}/${kind}` in rules || crdRuleOf(group, kind) !== undefined;
}

/** Health of a live object by the built-in rules; undefined for kinds that have none. */
export function assessHealth(live: Manifest): ObjectHealth | undefined {
  const deletion = pendingDeletion(live);
  if (deletion !== undefined) return deletion;
  const group = groupOf(live.apiVersion);
  const entry = rules[`${group}/${live.kind}`];
  if (entry === undefined) {
    const rule = crdRuleOf(group, live.kind);
    return rule === undefined ? undefined : assessByRule(rule, live);
  }
  if (entry.versions !== undefined && !entry.versions.includes(live.apiVersion)) {
    return health('Unknown', `health of ${live.kind} in ${live.apiVersion} is not supported`);
  }
  return entry.rule(live);
}

/**
 * Health of an object that is being deleted, before any rule of its kind: it is on its way out, unless only a hook
 * finalizer holds it, as then its result still counts.
 */
export function pendingDeletion(live: Manifest): ObjectHealth | undefined {
  if (live.metadata.deletionTimestamp === undefined || isHeldForResult(live)) return undefined;
  return health('Progressing', 'Pending deletion');
}

function isHeldForResult(live: Manifest): boolean {
  return (live.metadata.finalizers ?? []).some((finalizer) => hookFinalizers.has(finalizer));
}
