import type { PlanGroup, SyncPhase } from '../../../core/sync/plan/plan.ts';
import type { OperationView, StepView, WaitView } from '../../../core/wire/operation.ts';

export const operationId = '3f2a91c4-0000-4000-8000-000000000000';
export const web = { group: 'apps', kind: 'Deployment', namespace: 'demo', name: 'web' };

export const application = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'guestbook', namespace: 'argocd' },
  spec: {
    project: 'default',
    source: { repoURL: 'https://git.example.com/apps.git', path: 'guestbook' },
    destination: { name: 'in-cluster', namespace: 'demo' },
  },
  status: {
    sync: { status: 'Synced' },
    health: { status: 'Healthy' },
    resources: [{ ...web, status: 'Synced', health: { status: 'Healthy' } }],
  },
};

export const step = {
  attempt: 1,
  step: 0,
  phase: 'Sync',
  wave: 0,
  action: 'apply',
  apiVersion: 'apps/v1',
  key: web,
  hook: false,
} as const;

export const running: OperationView = {
  id: operationId,
  application: 'guestbook',
  namespace: 'argocd',
  project: 'default',
  kind: 'sync',
  phase: 'Running',
  message: '',
  initiatedBy: { username: 'admin', automated: false },
  request: {
    prune: false,
    dryRun: false,
    strategy: 'hook',
    force: false,
    resources: [],
    syncOptions: [],
    retry: { limit: 0, backoff: { durationSeconds: 5, factor: 2, maxDurationSeconds: 180 }, refresh: false },
    selfHealAttempts: 0,
    info: [],
  },
  attempt: 1,
  requestedAt: '2026-01-01T00:00:00Z',
  startedAt: '2026-01-01T00:00:00Z',
  groups: [{ phase: 'Sync', wave: 0, first: 0, count: 1, settle: true }],
  failureGroups: [],
  steps: [step],
  waits: [],
  timings: {},
};

export const ended: OperationView = {
  ...running,
  phase: 'Succeeded',
  message: 'successfully synced (all tasks run)',
  finishedAt: '2026-01-01T00:00:02Z',
  steps: [
    {
      ...step,
      status: 'Synced',
      message: 'created',
      startedAt: '2026-01-01T00:00:01Z',
      finishedAt: '2026-01-01T00:00:02Z',
    },
  ],
};

/** A result that nothing is waited for any more. */
export const synced = { status: 'Synced', hookPhase: 'Succeeded' } as const;

/** A step of a plan by its number, without a result unless one is given. */
export function stepOf(
  number: number,
  phase: SyncPhase,
  wave: number,
  result: Partial<StepView> = {},
): StepView {
  return { ...step, step: number, phase, wave, key: { ...web, name: `web-${number}` }, ...result };
}

/** A running operation of these steps, in the order of their numbers. */
export function operationOf(steps: readonly StepView[], change: Partial<OperationView> = {}): OperationView {
  const groups: PlanGroup[] = [];
  for (const { phase, wave, step: first } of steps) {
    const index = groups.findIndex((group) => group.phase === phase && group.wave === wave);
    const known = groups[index];
    if (known === undefined) groups.push({ phase, wave, first, count: 1, settle: true });
    else groups[index] = { ...known, count: known.count + 1 };
  }
  return {
    ...running,
    groups: groups.filter(({ phase }) => phase !== 'SyncFail'),
    failureGroups: groups.filter(({ phase }) => phase === 'SyncFail'),
    steps,
    ...change,
  };
}

/** An open wait at a phase and wave. */
export function waitOf(
  phase: SyncPhase,
  wave: number,
  keys: WaitView['keys'],
  change: Partial<WaitView> = {},
): WaitView {
  return {
    kind: 'settle',
    attempt: 1,
    phase,
    wave,
    reason: 'not ready',
    keys,
    openedAt: '2026-01-01T00:00:05Z',
    ...change,
  };
}
