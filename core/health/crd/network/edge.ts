import { condition, falseFails, falseWaits } from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';
import { ofPolicies } from './gateway-api.ts';

/** What stands at the edge of a network: Airlock's microgateway, Contour, DNS service discovery. */
export const edge: readonly KindRule[] = [
  { group: 'microgateway.airlock.com', kinds: ['*Policy'], ...ofPolicies },
  {
    group: 'microgateway.airlock.com',
    kinds: ['*'],
    restsOn: 'nothing: only the policies have a status',
    checks: ofPolicies.checks,
    silent: 'Healthy',
  },
  {
    group: 'projectcontour.io',
    kinds: ['ExtensionService'],
    restsOn: 'condition `Valid` with its generation',
    checks: [condition('Valid', falseFails)],
  },
  {
    group: 'proclaim.dogmatiq.io',
    kinds: ['DNSSDServiceInstance'],
    restsOn: 'conditions `Adopted`, `Advertised` with its reason, `Discoverable`',
    checks: [
      condition('Adopted', { False: 'Degraded' }),
      condition('Advertised', {
        False: 'Progressing',
        reasons: { AdvertiseError: 'Degraded', UnadvertiseError: 'Degraded' },
      }),
      // What the look-up says of itself: it could not be found out.
      condition('Discoverable', { ...falseWaits, reasons: { DiscoveryError: 'Unknown', Error: 'Unknown' } }),
    ],
  },
];
