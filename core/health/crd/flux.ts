import { textAt } from '../../object/field.ts';
import { condition, observed, suspendedBy, when } from '../check.ts';
import type { KindRule } from '../kind-rule.ts';

const reconciled: KindRule['checks'] = [
  // First: a suspended object's status stays at the generation before.
  suspendedBy('spec', 'suspend'),
  observed,
  condition('Stalled', { True: 'Degraded' }),
  condition('Reconciling', { True: 'Progressing' }),
  condition('Ready', { True: 'Healthy', False: 'Degraded', Unknown: 'Progressing' }),
];

const restsOn = '`spec.suspend`, `status.observedGeneration`, conditions `Stalled`, `Reconciling`, `Ready`';

/** Flux's toolkit, its operator, and its Terraform controller. */
export const flux: readonly KindRule[] = [
  {
    group: 'source.toolkit.fluxcd.io',
    kinds: ['GitRepository', 'OCIRepository', 'Bucket', 'HelmChart'],
    restsOn,
    checks: reconciled,
  },
  {
    group: 'source.toolkit.fluxcd.io',
    kinds: ['HelmRepository'],
    restsOn: `${restsOn}; \`spec.type: oci\` has no status`,
    checks: [when((live) => textAt(live, 'spec', 'type') === 'oci', 'Healthy'), ...reconciled],
  },
  { group: 'kustomize.toolkit.fluxcd.io', kinds: ['Kustomization'], restsOn, checks: reconciled },
  { group: 'helm.toolkit.fluxcd.io', kinds: ['HelmRelease'], restsOn, checks: reconciled },
  {
    group: 'image.toolkit.fluxcd.io',
    kinds: ['ImageRepository', 'ImagePolicy', 'ImageUpdateAutomation'],
    restsOn,
    checks: reconciled,
  },
  { group: 'notification.toolkit.fluxcd.io', kinds: ['Receiver'], restsOn, checks: reconciled },
  { group: 'infra.contrib.fluxcd.io', kinds: ['Terraform'], restsOn, checks: reconciled },
  {
    group: 'fluxcd.controlplane.io',
    kinds: ['FluxInstance', 'ResourceSet'],
    restsOn: 'annotation `fluxcd.controlplane.io/reconcile`, conditions `Stalled`, `Reconciling`, `Ready`',
    checks: [
      when(
        (live) => live.metadata.annotations?.['fluxcd.controlplane.io/reconcile'] === 'disabled',
        'Suspended',
        'annotation fluxcd.controlplane.io/reconcile is "disabled"',
      ),
      ...reconciled.slice(2),
    ],
  },
];
