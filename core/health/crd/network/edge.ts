import { listAt, textAt } from '../../../object/field.ts';
import { condition, falseFails, falseWaits, type HealthCheck, readCondition, worstOf } from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

/** Every gateway or route that a policy is attached to answers for itself. */
const ancestors: HealthCheck = (live) =>
  worstOf(
    listAt(live, 'status', 'ancestors').flatMap((ancestor) => {
      const answers = listAt(ancestor, 'conditions')
        .filter((found) => ['Accepted', 'ResolvedRefs'].includes(textAt(found, 'type')))
        .flatMap((found) => readCondition(live, found, falseFails) ?? []);
      const name = textAt(ancestor, 'ancestorRef', 'name');
      return answers.length > 0 ? answers : [health('Progressing', `${name} has not accepted it yet`)];
    }),
  );

const restsOn = '`status.ancestors[].conditions` `Accepted`, `ResolvedRefs` with their generation';

/** What stands at the edge of a network: Airlock's microgateway, Contour, DNS service discovery. */
export const edge: readonly KindRule[] = [
  { group: 'microgateway.airlock.com', kinds: ['*Policy'], restsOn, checks: [ancestors] },
  {
    group: 'microgateway.airlock.com',
    kinds: ['*'],
    restsOn: `${restsOn}; most of these kinds have no status`,
    checks: [ancestors],
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
