import { conditionOf, listAt, textAt } from '../../object/json/field.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { health, type ObjectHealth } from '../health.ts';

function hasAddress(live: Manifest): boolean {
  return listAt(live, 'status', 'loadBalancer', 'ingress').length > 0;
}

/** A Service is healthy at once, except that a load balancer needs an address; endpoints are not looked at. */
export function assessService(live: Manifest): ObjectHealth {
  if (textAt(live, 'spec', 'type') !== 'LoadBalancer' || hasAddress(live)) return health('Healthy');
  return health('Progressing', 'the load balancer has no address yet');
}

/** An Ingress is healthy once it has an address. */
export function assessIngress(live: Manifest): ObjectHealth {
  return hasAddress(live) ? health('Healthy') : health('Progressing', 'the ingress has no address yet');
}

/** An APIService is healthy while its API answers. */
export function assessApiService(live: Manifest): ObjectHealth {
  const available = conditionOf(live, 'Available');
  if (available === undefined) return health('Progressing', 'waiting to be processed');
  const message = `${textAt(available, 'reason')}: ${textAt(available, 'message')}`;
  return health(textAt(available, 'status') === 'True' ? 'Healthy' : 'Progressing', message);
}
