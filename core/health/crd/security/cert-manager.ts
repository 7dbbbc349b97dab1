import { conditionOf, numberAt, valueAt } from '../../../object/json/field.ts';
import { condition, falseFails, falseWaits, type HealthCheck, standard, word } from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';

const ready: HealthCheck = condition('Ready', falseFails);

/** Ready is written a moment before Issuing: a secret that was never issued, without a failure, is only waited for. */
const notTriggeredYet: HealthCheck = (live) =>
  conditionOf(live, 'Issuing') === undefined && valueAt(live, 'status', 'lastFailureTime') === undefined
    ? condition('Ready', { reasons: { DoesNotExist: 'Progressing' } })(live)
    : undefined;

/**
 * A certificate that is renewed is in use meanwhile, and Ready stays true until it expires or no longer fits the spec.
 * Releases that write no generation with it may not have looked at the newest spec yet.
 */
const inUse: HealthCheck = (live) =>
  numberAt(conditionOf(live, 'Ready'), 'observedGeneration') === undefined
    ? undefined
    : condition('Ready', { True: 'Healthy' })(live);

/** States of an ACME order or challenge, in the words of RFC 8555 and `errored` for all else. */
const acmeStates = {
  valid: 'Healthy',
  unknown: 'Progressing',
  ready: 'Progressing',
  pending: 'Progressing',
  processing: 'Progressing',
  invalid: 'Degraded',
  expired: 'Degraded',
  errored: 'Degraded',
} as const;

/** cert-manager and its trust-manager. */
export const certManager: readonly KindRule[] = [
  {
    group: 'cert-manager.io',
    kinds: ['Certificate'],
    restsOn: 'conditions `Ready` with its generation, `Issuing`; `status.lastFailureTime`',
    // While it is issued for the first time, or for another spec, it is not ready either, and that is no failure.
    checks: [inUse, condition('Issuing', { True: 'Progressing' }), notTriggeredYet, ready],
  },
  {
    group: 'cert-manager.io',
    kinds: ['Issuer', 'ClusterIssuer'],
    restsOn: 'condition `Ready`',
    checks: [ready],
  },
  {
    group: 'cert-manager.io',
    kinds: ['CertificateRequest'],
    restsOn: 'conditions `Denied`, `InvalidRequest`, `Ready` with its reason',
    checks: [
      condition('Denied', { True: 'Degraded' }),
      condition('InvalidRequest', { True: 'Degraded' }),
      condition('Ready', { ...falseWaits, reasons: { Failed: 'Degraded', Denied: 'Degraded' } }),
    ],
  },
  {
    // Its first group, until 0.10, where a first certificate on its way is told by reasons of Ready.
    group: 'certmanager.k8s.io',
    kinds: ['Certificate'],
    restsOn: 'condition `Ready` with its reason',
    checks: [
      condition('Ready', {
        ...falseFails,
        reasons: {
          NotFound: 'Progressing',
          Pending: 'Progressing',
          InProgress: 'Progressing',
          TemporaryCertificate: 'Progressing',
        },
      }),
    ],
  },
  {
    group: 'certmanager.k8s.io',
    kinds: ['Issuer', 'ClusterIssuer'],
    restsOn: 'condition `Ready`',
    checks: standard(),
  },
  {
    group: 'acme.cert-manager.io',
    kinds: ['Order', 'Challenge'],
    restsOn: '`status.state`, `status.reason`',
    checks: [word(['status', 'state'], acmeStates, ['status', 'reason'])],
  },
  {
    group: 'trust.cert-manager.io',
    kinds: ['Bundle'],
    restsOn: 'condition `Synced`',
    checks: [condition('Synced', falseFails)],
  },
];
