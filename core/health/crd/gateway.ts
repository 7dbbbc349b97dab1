import { listAt, numberAt, textAt, valueAt } from '../../object/field.ts';
import type { Manifest } from '../../object/manifest.ts';
import { condition, every, type HealthCheck, observed, otherwise, unobserved, when, word } from '../check.ts';
import { health, type ObjectHealth } from '../health.ts';
import type { KindRule } from '../kind-rule.ts';

/** Judges an object that every one of its parents (gateways, targets) has its own conditions for. */
function byParents(list: string): HealthCheck {
  return (live) => {
    const parents = listAt(live, 'status', list);
    if (parents.length === 0) return undefined;
    const answers = parents.map((parent) => parentHealth(live, parent));
    return (
      answers.find(({ status }) => status === 'Degraded') ??
      answers.find(({ status }) => status !== 'Healthy') ??
      health('Healthy')
    );
  };
}

/** What a parent says of an object; a condition that it doesn't give is not held against the object. */
function parentHealth(live: Manifest, parent: unknown): ObjectHealth {
  const conditions = listAt(parent, 'conditions').filter((found) =>
    ['Accepted', 'ResolvedRefs'].includes(textAt(found, 'type')),
  );
  if (conditions.length === 0) return health('Progressing', 'a parent has not answered yet');
  for (const found of conditions) {
    const generation = numberAt(found, 'observedGeneration');
    if (generation !== undefined && generation < (live.metadata.generation ?? 0)) {
      return health('Progressing', unobserved);
    }
    if (textAt(found, 'status') === 'True') continue;
    const message = textAt(found, 'message') || textAt(found, 'reason');
    const undecided = textAt(found, 'status') === 'Unknown' || textAt(found, 'reason') === 'Pending';
    return health(undecided ? 'Progressing' : 'Degraded', message);
  }
  return health('Healthy');
}

/** Why Istio refuses a configuration, as far as its status is written at all. */
const istioErrors: HealthCheck = (live) => {
  const error = listAt(live, 'status', 'validationMessages').find(
    (found) => textAt(found, 'level') === 'ERROR',
  );
  if (error === undefined) return undefined;
  return health('Degraded', textAt(error, 'type', 'code') || 'status.validationMessages has an error');
};

const routeStatus = '`status.parents[].conditions` `Accepted`, `ResolvedRefs` with their generation';

/** What lets traffic in: Gateway API, Istio, Linkerd, Cilium, Contour, NGINX. */
export const gateway: readonly KindRule[] = [
  {
    group: 'gateway.networking.k8s.io',
    kinds: ['GatewayClass'],
    restsOn: 'condition `Accepted` with its generation and reason',
    checks: [
      condition('Accepted', {
        True: 'Healthy',
        False: 'Degraded',
        Unknown: 'Progressing',
        reasons: { Pending: 'Progressing', Waiting: 'Progressing' },
        ofGeneration: true,
      }),
    ],
  },
  {
    group: 'gateway.networking.k8s.io',
    kinds: ['Gateway'],
    restsOn: 'conditions `Accepted`, `Programmed` with their generation and reason',
    checks: [
      every(
        condition('Accepted', {
          True: 'Healthy',
          False: 'Degraded',
          Unknown: 'Progressing',
          reasons: { Pending: 'Progressing' },
          ofGeneration: true,
        }),
        condition('Programmed', {
          True: 'Healthy',
          False: 'Degraded',
          Unknown: 'Progressing',
          reasons: { Pending: 'Progressing', AddressNotAssigned: 'Progressing' },
          ofGeneration: true,
        }),
      ),
    ],
  },
  {
    group: 'gateway.networking.k8s.io',
    kinds: ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'],
    restsOn: routeStatus,
    checks: [byParents('parents')],
  },
  { group: 'policy.linkerd.io', kinds: ['HTTPRoute'], restsOn: routeStatus, checks: [byParents('parents')] },
  {
    group: 'gateway.networking.k8s.io',
    kinds: ['BackendTLSPolicy'],
    restsOn: '`status.ancestors[].conditions` `Accepted`, `ResolvedRefs` with their generation',
    checks: [byParents('ancestors')],
  },
  {
    group: 'networking.istio.io',
    kinds: ['*'],
    restsOn:
      '`status.validationMessages[].level`, condition `Reconciled`; Istio writes no status unless told to',
    checks: [istioErrors, condition('Reconciled', { False: 'Progressing' }), otherwise('Healthy')],
  },
  {
    group: 'security.istio.io',
    kinds: ['*'],
    restsOn:
      '`status.validationMessages[].level`, condition `Reconciled`; Istio writes no status unless told to',
    checks: [istioErrors, condition('Reconciled', { False: 'Progressing' }), otherwise('Healthy')],
  },
  {
    group: 'sailoperator.io',
    kinds: ['Istio', 'IstioRevision', 'IstioCNI', 'ZTunnel'],
    restsOn: '`status.observedGeneration`, conditions `Reconciled`, `Ready`',
    checks: [
      observed,
      condition('Reconciled', { False: 'Degraded' }),
      condition('Ready', { True: 'Healthy', False: 'Progressing', Unknown: 'Progressing' }),
    ],
  },
  {
    group: 'cilium.io',
    kinds: ['CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy'],
    restsOn: 'condition `Valid`, which older releases do not write',
    checks: [condition('Valid', { False: 'Degraded' }), otherwise('Healthy')],
  },
  {
    group: 'cilium.io',
    kinds: ['CiliumLoadBalancerIPPool'],
    restsOn: '`spec.disabled`, condition `cilium.io/PoolConflict`',
    checks: [
      when((live) => valueAt(live, 'spec', 'disabled') === true, 'Suspended', 'spec.disabled is true'),
      condition('cilium.io/PoolConflict', { True: 'Degraded', False: 'Healthy', Unknown: 'Progressing' }),
    ],
  },
  {
    group: 'projectcontour.io',
    kinds: ['HTTPProxy'],
    restsOn: '`status.currentStatus`, `status.description`',
    checks: [
      word(['status', 'currentStatus'], { valid: 'Healthy', invalid: 'Degraded', orphaned: 'Degraded' }, [
        'status',
        'description',
      ]),
    ],
  },
  {
    group: 'k8s.nginx.org',
    kinds: ['VirtualServer', 'VirtualServerRoute', 'TransportServer', 'Policy'],
    restsOn: '`status.state`, `status.message`',
    checks: [word(['status', 'state'], { Valid: 'Healthy', Warning: 'Degraded', Invalid: 'Degraded' })],
  },
];
