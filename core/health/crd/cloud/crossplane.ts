import { condition, falseFails, falseWaits, suspendedByAnnotation } from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';

const paused = suspendedByAnnotation('crossplane.io/paused', 'true');

const managed: KindRule['checks'] = [
  paused,
  condition('Synced', { False: 'Degraded', reasons: { ReconcilePaused: 'Suspended' } }),
  condition('LastAsyncOperation', { False: 'Degraded' }),
  // What is not ready may still be made: clouds take their time, and their refusals show in Synced.
  condition('Ready', falseWaits),
];

/** Crossplane: its packages and definitions, and whatever its providers manage. */
export const crossplane: readonly KindRule[] = [
  {
    group: 'pkg.crossplane.io',
    kinds: ['Provider', 'Configuration', 'Function'],
    restsOn: 'conditions `Installed` with its reason, `Healthy`; annotation `crossplane.io/paused`',
    fromSpec: [paused],
    checks: [
      condition('Installed', {
        False: 'Degraded',
        Unknown: 'Progressing',
        reasons: { UnpackingPackage: 'Progressing', InactivePackageRevision: 'Suspended' },
      }),
      condition('Healthy', falseFails),
    ],
  },
  {
    group: 'apiextensions.crossplane.io',
    kinds: ['CompositeResourceDefinition'],
    restsOn: 'conditions `Established`, `Offered`',
    checks: [
      condition('Established', { False: 'Progressing', Unknown: 'Progressing' }),
      condition('Offered', { False: 'Progressing', Unknown: 'Progressing' }),
      condition('Established', { True: 'Healthy' }),
    ],
  },
  {
    group: '*.crossplane.io',
    kinds: ['*'],
    restsOn: 'conditions `Synced`, `LastAsyncOperation`, `Ready`; annotation `crossplane.io/paused`',
    checks: managed,
  },
  {
    group: '*.upbound.io',
    kinds: ['*'],
    restsOn: 'conditions `Synced`, `LastAsyncOperation`, `Ready`; annotation `crossplane.io/paused`',
    checks: managed,
  },
  // Configuration and bookkeeping, without conditions.
  { group: 'pkg.crossplane.io', kinds: ['*'], restsOn: '', checks: [] },
  { group: 'apiextensions.crossplane.io', kinds: ['*'], restsOn: '', checks: [] },
  { group: 'ops.crossplane.io', kinds: ['*'], restsOn: '', checks: [] },
  {
    group: '*.crossplane.io',
    kinds: ['ProviderConfig', 'ClusterProviderConfig', 'ProviderConfigUsage', 'StoreConfig'],
    restsOn: '',
    checks: [],
  },
  {
    group: '*.upbound.io',
    kinds: ['ProviderConfig', 'ClusterProviderConfig', 'ProviderConfigUsage', 'StoreConfig'],
    restsOn: '',
    checks: [],
  },
];
