import { listAt, textAt } from '../../../object/json/field.ts';
import { condition, falseFails, type HealthCheck } from '../../check.ts';
import { health, type ObjectHealth } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

const ready = condition('Ready', falseFails);

/** Whether what is proposed for an environment is what runs in it. */
function promotionOf(environment: unknown): ObjectHealth | undefined {
  const name = textAt(environment, 'branch') || 'the environment';
  const active = textAt(environment, 'active', 'dry', 'sha');
  const proposed = textAt(environment, 'proposed', 'dry', 'sha');
  if (active === '' || proposed === '') return health('Progressing', `${name} has no commit yet`);
  if (active === proposed) return undefined;
  return health('Progressing', `${name} is to go from ${active.slice(0, 7)} to ${proposed.slice(0, 7)}`);
}

const ofStrategy: HealthCheck = (live) => {
  const environments = listAt(live, 'status', 'environments');
  if (environments.length === 0) return health('Degraded', 'it has no environments');
  // The hydrator goes from one environment to the next.
  const proposed = new Set(
    environments.map(
      (one) => textAt(one, 'proposed', 'note', 'drySha') || textAt(one, 'proposed', 'dry', 'sha'),
    ),
  );
  const open = environments.map(promotionOf).find((answer) => answer !== undefined);
  return (
    open ??
    (proposed.size > 1
      ? health('Progressing', 'its environments are not hydrated for one commit yet')
      : undefined)
  );
};

/** What a check of each environment came to. */
const ofEnvironments: HealthCheck = (live) => {
  const environments = listAt(live, 'status', 'environments');
  const names = (wanted: (phase: string) => boolean) =>
    environments.filter((one) => wanted(textAt(one, 'phase'))).map((one) => textAt(one, 'branch'));
  const failed = names((phase) => phase === 'failure');
  if (failed.length > 0) return health('Degraded', `failed for ${failed.join(', ')}`);
  const open = names((phase) => phase !== 'success');
  return open.length > 0 ? health('Progressing', `pending for ${open.join(', ')}`) : undefined;
};

const ofApplications: HealthCheck = (live) =>
  listAt(live, 'status', 'applicationsSelected').length === 0
    ? health('Degraded', 'it selects no applications')
    : undefined;

/** Anything but ready ends the judging; what is ready is judged by what it is about. */
function afterReady(check: HealthCheck): KindRule['checks'] {
  return [
    (live) => {
      const found = ready(live);
      return found?.status === 'Healthy' ? (check(live) ?? found) : found;
    },
  ];
}

/** GitOps Promoter. A promotion under way is Progressing; statuses of commits are what it decides by, not its health. */
export const promoter: readonly KindRule[] = [
  {
    group: 'promoter.argoproj.io',
    kinds: ['ScmProvider', 'ClusterScmProvider', 'GitRepository', 'CommitStatus'],
    restsOn: 'condition `Ready` with its generation',
    checks: [ready],
  },
  {
    group: 'promoter.argoproj.io',
    kinds: ['PullRequest'],
    restsOn: 'conditions `Reconciled`, `Ready` with their generation',
    checks: [condition('Reconciled', { False: 'Degraded' }), ready, condition('Reconciled', falseFails)],
  },
  {
    group: 'promoter.argoproj.io',
    kinds: ['ChangeTransferPolicy'],
    restsOn: 'condition `Ready` with its generation, `status.active.dry.sha`, `status.proposed.dry.sha`',
    checks: afterReady((live) => promotionOf(live['status'])),
  },
  {
    group: 'promoter.argoproj.io',
    kinds: ['PromotionStrategy'],
    restsOn:
      'condition `Ready` with its generation, `status.environments[].active.dry.sha`, `.proposed.dry.sha`, `.proposed.note.drySha`',
    checks: afterReady(ofStrategy),
  },
  {
    group: 'promoter.argoproj.io',
    kinds: ['GitCommitStatus', 'TimedCommitStatus', 'WebRequestCommitStatus'],
    restsOn: 'condition `Ready` with its generation, `status.environments[].phase`',
    checks: afterReady(ofEnvironments),
  },
  {
    group: 'promoter.argoproj.io',
    kinds: ['ArgoCDCommitStatus'],
    restsOn: 'condition `Ready` with its generation, `status.applicationsSelected[]`',
    checks: afterReady(ofApplications),
  },
];
