import { conditionOf, listAt, numberAt, textAt, valueAt } from '../../../object/json/field.ts';
import { groupOf, type Manifest } from '../../../object/manifest/manifest.ts';
import {
  condition,
  falseFails,
  falseWaits,
  type HealthCheck,
  isOlder,
  readCondition,
  worstOf,
} from '../../check.ts';
import { health, type ObjectHealth } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

/** Conditions of the Gateway API, in the order in which their answers count. */
const words = {
  Accepted: { ...falseFails, reasons: { Pending: 'Progressing', Waiting: 'Progressing' } },
  ResolvedRefs: { ...falseFails, reasons: { Pending: 'Progressing' } },
  Conflicted: { True: 'Degraded' },
  // There only while it is true: rules of the route are left out, or those before them stand.
  PartiallyInvalid: { True: 'Degraded' },
  // Addresses and data planes take their time, and a refusal shows in the two above.
  Programmed: {
    ...falseWaits,
    reasons: { Invalid: 'Degraded', NoResources: 'Degraded', AddressNotUsable: 'Degraded' },
  },
} as const;

/** What one place of the status says; undefined where it has none of the conditions. */
function placeHealth(
  live: Manifest,
  place: unknown,
  types: readonly (keyof typeof words)[],
): ObjectHealth | undefined {
  const conditions = listAt(place, 'conditions');
  const answers = types.flatMap((type) => {
    const found = conditions.find((one) => textAt(one, 'type') === type);
    return readCondition(live, found, words[type]) ?? [];
  });
  return worstOf(answers);
}

const ofListeners = ['Accepted', 'ResolvedRefs', 'Conflicted', 'Programmed'] as const;
const ofRoutes = ['Accepted', 'ResolvedRefs', 'PartiallyInvalid'] as const;

/** A gateway, or a set of listeners, has its own conditions and those of each of its listeners. */
const withListeners: HealthCheck = (live) => {
  const names = new Set(listAt(live, 'spec', 'listeners').map((listener) => textAt(listener, 'name')));
  const listeners = listAt(live, 'status', 'listeners').filter(
    (listener) => names.size === 0 || names.has(textAt(listener, 'name')),
  );
  const found = worstOf(
    [live['status'], ...listeners].flatMap((place) => placeHealth(live, place, ofListeners) ?? []),
  );
  const decided = ['Accepted', 'Programmed'].every((type) => conditionOf(live, type) !== undefined);
  return found?.status === 'Healthy' && !decided ? undefined : found;
};

/** The references of an object to its parents, by whose equality a status is known to speak of one. */
type Parents = {
  readonly list: string;
  readonly reference: string;
  readonly types: readonly (keyof typeof words)[];
  readonly named?: readonly string[];
};

/**
 * Judges an object that each of its parents (gateways, targets) has its own conditions for. What the status says of a
 * parent that the spec names no more is left from before and doesn't count; a parent that it names has to answer.
 */
function byParents({ list, reference, types, named }: Parents): HealthCheck {
  return (live) => {
    const wanted =
      named === undefined ? undefined : listAt(live, ...named).map((parent) => identity(live, parent));
    if (wanted?.length === 0) return health('Healthy', 'it names no parent');
    const answers = listAt(live, 'status', list).map((parent) => ({
      of: identity(live, valueAt(parent, reference)),
      by: textAt(parent, 'controllerName'),
      generation: newestIn(listAt(parent, 'conditions')),
      health: placeHealth(live, parent, types) ?? unanswered,
    }));
    // A controller answers for all of its parents at once: what it has not brought up to date is of one that is gone.
    const newest = new Map<string, number>();
    for (const { by, generation } of answers) newest.set(by, Math.max(generation, newest.get(by) ?? 0));
    const known = new Set(wanted === undefined ? [] : ['', ...wanted]);
    const counted = answers.filter(
      ({ of, by, generation }) =>
        generation >= (newest.get(by) ?? 0) &&
        (wanted === undefined || known.has(of) || isNewest(live, generation)),
    );
    const found = worstOf(counted.map((answer) => answer.health));
    const answered = new Set(answers.map(({ of }) => of));
    const silent = !answered.has('') && wanted?.some((parent) => !answered.has(parent));
    return silent && answers.length > 0 && found?.status !== 'Degraded' ? unanswered : found;
  };
}

function newestIn(conditions: readonly unknown[]): number {
  return Math.max(0, ...conditions.map((found) => numberAt(found, 'observedGeneration') ?? 0));
}

function isNewest(live: Manifest, generation: number): boolean {
  return generation > 0 && !isOlder(live, generation);
}

const unanswered = health('Progressing', 'a parent has not answered yet');

/** A reference with its defaults as one text; empty where it has no name, so that it can't be told from others. */
function identity(live: Manifest, parent: unknown): string {
  const name = textAt(parent, 'name');
  if (name === '') return '';
  const kind = textAt(parent, 'kind') || 'Gateway';
  const group = textAt(parent, 'group') || (kind === 'Service' ? '' : groupOf(live.apiVersion));
  const namespace = textAt(parent, 'namespace') || (live.metadata.namespace ?? '');
  const section = textAt(parent, 'sectionName');
  return [group, kind, namespace, name, section, numberAt(parent, 'port') ?? ''].join('/');
}

const routes = byParents({
  list: 'parents',
  reference: 'parentRef',
  types: ofRoutes,
  named: ['spec', 'parentRefs'],
});
const routeStatus =
  '`spec.parentRefs`, `status.parents[].conditions` `Accepted`, `ResolvedRefs`, `PartiallyInvalid` with their generation';

/** How policies that have the Gateway API's status are judged, whoever defines them. */
export const ofPolicies: Pick<KindRule, 'restsOn' | 'checks'> = {
  restsOn: '`status.ancestors[].conditions` `Accepted`, `ResolvedRefs` with their generation',
  checks: [byParents({ list: 'ancestors', reference: 'ancestorRef', types: ['Accepted', 'ResolvedRefs'] })],
};

/** The Gateway API, and what others make after its model. */
export const gatewayApi: readonly KindRule[] = [
  {
    group: 'gateway.networking.k8s.io',
    kinds: ['GatewayClass'],
    restsOn: 'condition `Accepted` with its generation and reason',
    checks: [condition('Accepted', words.Accepted)],
  },
  {
    group: 'gateway.networking.k8s.io',
    kinds: ['Gateway', 'ListenerSet'],
    restsOn:
      'conditions `Accepted`, `ResolvedRefs`, `Conflicted`, `Programmed` with their generation and reason, its own and those of `status.listeners[]`',
    checks: [withListeners],
  },
  {
    group: 'gateway.networking.k8s.io',
    kinds: ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'],
    restsOn: routeStatus,
    checks: [routes],
  },
  { group: 'policy.linkerd.io', kinds: ['HTTPRoute'], restsOn: routeStatus, checks: [routes] },
  {
    group: 'gateway.networking.k8s.io',
    kinds: ['BackendTLSPolicy', 'BackendLBPolicy'],
    ...ofPolicies,
  },
];
