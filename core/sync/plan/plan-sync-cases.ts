import type { Manifest } from '../../object/manifest/manifest.ts';
import type { SyncRequest } from '../operation/operation.ts';
import { parseRetry } from '../operation/retry.ts';
import type { PlanStep, SyncPlan } from './plan.ts';
import { type DesiredObject, type LiveObject, type PlanInput, planSync } from './plan-sync.ts';

/** Annotation keys, short for tables of cases. */
export const wave = 'argocd.argoproj.io/sync-wave';
export const hook = 'argocd.argoproj.io/hook';
export const options = 'argocd.argoproj.io/sync-options';
export const trackingId = 'argocd.argoproj.io/tracking-id';

/** A full sync that prunes. */
export const request: SyncRequest = {
  prune: true,
  dryRun: false,
  strategy: 'hook',
  force: false,
  resources: [],
  syncOptions: [],
  retry: parseRetry(undefined),
  selfHealAttempts: 0,
  info: [],
};

/** An application without objects, in a namespace that exists. */
export const base: PlanInput = {
  desired: [],
  live: [],
  application: {
    instance: 'app',
    destinationNamespace: 'prod',
    syncOptions: [],
    tracking: { method: 'annotation' },
  },
  request,
  operation: { startedAtUnix: 1700000000, revision: '0123456789abcdef' },
  namespaceExists: true,
  gate: 'reference',
  refusalOf: () => undefined,
};

type Shape = {
  annotations?: Record<string, string>;
  namespaced?: boolean;
  namespace?: string;
  spec?: object;
};

/** A rendered object; `kind` may carry its group: `apps/Deployment`. */
export function desired(kind: string, name: string, shape: Shape = {}): DesiredObject {
  const { annotations = {}, namespaced = true, namespace, spec } = shape;
  const [short = kind, group] = kind.split('/').reverse();
  const manifest: Manifest = {
    apiVersion: group === undefined ? 'v1' : `${group}/v1`,
    kind: short,
    metadata: {
      ...(name.endsWith('-') ? { generateName: name } : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      annotations,
    },
    ...(spec === undefined ? {} : { spec }),
  };
  return { manifest, digest: `digest-${kind}-${name}`, namespaced };
}

/** What of a live object differs from an ordinary one that is ours. */
export type LiveShape = {
  annotations?: Record<string, string>;
  changed?: boolean;
  owner?: string;
  owned?: boolean;
};

/** A core object in the destination namespace. */
export function live(kind: string, name: string, shape: LiveShape = {}): LiveObject {
  const { annotations = {}, changed = false, owner = 'app', owned = false } = shape;
  return {
    key: { group: '', kind, namespace: 'prod', name },
    uid: `uid-${name}`,
    apiVersion: 'v1',
    metadata: {
      annotations: { [trackingId]: `${owner}:/${kind}:prod/${name}`, ...annotations },
      ...(owned ? { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'y' }] } : {}),
    },
    changed,
  };
}

/** The plan for the base input with some parts replaced; it must not be a refusal. */
export function plan(input: Partial<PlanInput>): SyncPlan {
  const result = planSync({ ...base, ...input });
  if (result.plan.refused !== undefined) throw new TypeError(result.plan.refused);
  return result.plan;
}

/** A step in one line: phase, wave, batch, action and object. */
export function line(step: PlanStep): string {
  return `${step.phase} ${step.wave}.${step.batch} ${step.action} ${step.key.kind}/${step.key.name}`;
}

/** A plan in lines. */
export function lines(input: Partial<PlanInput>): string[] {
  return plan(input).steps.map(line);
}
