import { conditionOf, listAt, textAt } from '../../../object/json/field.ts';
import { condition, falseWaits, type HealthCheck, readCondition, suspendedBy, word } from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

/** Why Istio refuses a configuration, as far as its status is written at all. */
const istioErrors: HealthCheck = (live) => {
  const error = listAt(live, 'status', 'validationMessages').find(
    (found) => textAt(found, 'level') === 'ERROR',
  );
  if (error === undefined) return undefined;
  return health('Degraded', textAt(error, 'type', 'code') || 'status.validationMessages has an error');
};

/** A proxy and those that it includes wait for each other: that one is not there yet is no fault of the proxy. */
const includesMissing: HealthCheck = (live) => {
  const valid = conditionOf(live, 'Valid');
  const errors = listAt(valid, 'errors').map((error) => textAt(error, 'type'));
  const alone = errors.length > 0 && errors.every((type) => type === 'IncludeError');
  return alone ? readCondition(live, valid, { False: 'Healthy' }) : undefined;
};

/** What lets traffic in, in forms of its own: Istio, Cilium, Contour, NGINX. */
export const gateway: readonly KindRule[] = [
  {
    group: 'networking.istio.io',
    kinds: ['*'],
    restsOn:
      '`status.validationMessages[].level`, condition `Reconciled`; Istio writes no status unless told to',
    checks: [istioErrors, condition('Reconciled', { False: 'Progressing' })],
    silent: 'Healthy',
  },
  {
    group: 'security.istio.io',
    kinds: ['*'],
    restsOn:
      '`status.validationMessages[].level`, condition `Reconciled`; Istio writes no status unless told to',
    checks: [istioErrors, condition('Reconciled', { False: 'Progressing' })],
    silent: 'Healthy',
  },
  {
    group: 'sailoperator.io',
    kinds: ['Istio', 'IstioRevision', 'IstioCNI', 'ZTunnel'],
    restsOn: '`status.observedGeneration`, conditions `Reconciled`, `Ready`',
    checks: [condition('Reconciled', { False: 'Degraded' }), condition('Ready', falseWaits)],
  },
  {
    group: 'cilium.io',
    kinds: ['CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy'],
    restsOn: 'condition `Valid`, which older releases do not write',
    checks: [condition('Valid', { False: 'Degraded' })],
    silent: 'Healthy',
  },
  {
    group: 'cilium.io',
    kinds: ['CiliumLoadBalancerIPPool'],
    restsOn: '`spec.disabled`, condition `cilium.io/PoolConflict`',
    fromSpec: [suspendedBy('spec', 'disabled')],
    checks: [
      condition('cilium.io/PoolConflict', { True: 'Degraded', False: 'Healthy', Unknown: 'Progressing' }),
    ],
  },
  {
    group: 'projectcontour.io',
    kinds: ['HTTPProxy'],
    restsOn: 'condition `Valid` with its generation and errors, `status.currentStatus`, `status.description`',
    checks: [
      includesMissing,
      condition('Valid', { True: 'Healthy' }),
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
