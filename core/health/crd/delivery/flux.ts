import { conditionOf, numberAt, textAt } from '../../../object/json/field.ts';
import {
  type ConditionWords,
  condition,
  falseFails,
  type HealthCheck,
  observed,
  standard,
  suspendedBy,
  suspendedByAnnotation,
  when,
} from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';

/**
 * Flux counts a generation as observed only once it has succeeded, and writes -1 before the first success: what failed
 * is told by a condition of the new generation while the status as a whole still speaks of the old one.
 */
const observes: HealthCheck = (live) => {
  const ownGeneration = numberAt(conditionOf(live, 'Ready'), 'observedGeneration');
  const neverSucceeded = numberAt(live, 'status', 'observedGeneration') === -1;
  return ownGeneration !== undefined || neverSucceeded ? undefined : observed(live);
};

/** Ready counts before Reconciling: it stays false from the first failure on, through every further try. */
function readyFirst(reasons: ConditionWords['reasons']): KindRule['checks'] {
  const steps = { Progressing: 'Progressing', ...reasons } as const;
  return [
    condition('Ready', { False: 'Degraded', reasons: steps }),
    ...standard('Ready', { ...falseFails, reasons: steps }),
  ];
}

/** What an object comes after, or reads from, may be ready a moment later, and it is tried again by itself. */
const afterOthers = readyFirst({ DependencyNotReady: 'Progressing', SourceNotReady: 'Progressing' });

const reconciled: Pick<KindRule, 'fromSpec' | 'observes' | 'checks'> = {
  fromSpec: [suspendedBy('spec', 'suspend')],
  observes,
  checks: readyFirst({}),
};

const restsOn =
  '`spec.suspend`, conditions `Stalled`, `Reconciling`, `Ready` with their generation, else `status.observedGeneration`';

/** Flux's toolkit, its operator, and its Terraform controller. */
export const flux: readonly KindRule[] = [
  {
    group: 'source.toolkit.fluxcd.io',
    kinds: ['GitRepository', 'OCIRepository', 'Bucket', 'HelmChart'],
    restsOn,
    ...reconciled,
  },
  {
    group: 'source.toolkit.fluxcd.io',
    kinds: ['HelmRepository'],
    restsOn: `${restsOn}; \`spec.type: oci\` has no status`,
    ...reconciled,
    fromSpec: [
      suspendedBy('spec', 'suspend'),
      when((live) => textAt(live, 'spec', 'type') === 'oci', 'Healthy'),
    ],
  },
  {
    group: 'kustomize.toolkit.fluxcd.io',
    kinds: ['Kustomization'],
    restsOn,
    ...reconciled,
    checks: afterOthers,
  },
  { group: 'helm.toolkit.fluxcd.io', kinds: ['HelmRelease'], restsOn, ...reconciled, checks: afterOthers },
  {
    group: 'image.toolkit.fluxcd.io',
    kinds: ['ImageRepository', 'ImagePolicy', 'ImageUpdateAutomation'],
    restsOn,
    ...reconciled,
    checks: afterOthers,
  },
  { group: 'notification.toolkit.fluxcd.io', kinds: ['Receiver'], restsOn, ...reconciled },
  { group: 'infra.contrib.fluxcd.io', kinds: ['Terraform'], restsOn, ...reconciled, checks: afterOthers },
  {
    group: 'fluxcd.controlplane.io',
    kinds: ['FluxInstance', 'ResourceSet'],
    restsOn: 'annotation `fluxcd.controlplane.io/reconcile`, conditions `Stalled`, `Reconciling`, `Ready`',
    fromSpec: [suspendedByAnnotation('fluxcd.controlplane.io/reconcile', 'disabled')],
    checks: afterOthers,
  },
];
