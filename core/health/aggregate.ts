import { type HealthStatus, healthStatuses } from '../application/words.ts';
import type { Annotated } from '../object/annotated-list.ts';
import { ignoreHealthcheckAnnotation } from '../object/annotations.ts';
import type { ResourceKey } from '../object/key.ts';
import { isHook, isSkipHook } from '../sync/options/hook.ts';
import { someOf } from '../text/some-of.ts';
import { health, type ObjectHealth } from './health.ts';

/** What the health of an application is made of: one of its objects, hooks and skipped ones left out. */
export type HealthFact = {
  readonly key: ResourceKey;
  readonly exists: boolean;
  /** Undefined for kinds without health. */
  readonly health: ObjectHealth | undefined;
  /** Whether the object asks to be left out; it still counts as existing. */
  readonly ignored?: boolean;
};

/** Whether an object plays no part in its application's health: hooks and skipped objects. */
export function isOutsideHealth(object: Annotated): boolean {
  return isHook(object) || isSkipHook(object);
}

/** Whether a live object asks to be left out of its application's health. */
export function isIgnoredInHealth(live: Annotated): boolean {
  return live.metadata.annotations?.[ignoreHealthcheckAnnotation] === 'true';
}

const causesShown = 3;

/**
 * The worst health of an application's objects, with the objects that caused it. Missing objects do not count,
 * OutOfSync already tells of them; but when nothing at all exists, the application is Missing.
 */
export function aggregateHealth(facts: readonly HealthFact[]): ObjectHealth {
  let worst: HealthStatus = 'Healthy';
  let causes: ResourceKey[] = [];
  for (const fact of facts) {
    const status = countedStatus(fact);
    if (status === undefined) continue;
    if (isWorse(status, worst)) {
      worst = status;
      causes = [fact.key];
    } else if (status === worst && worst !== 'Healthy') {
      causes.push(fact.key);
    }
  }
  if (facts.length > 0 && !facts.some((fact) => fact.exists) && isWorse('Missing', worst)) {
    return health('Missing');
  }
  return health(worst, describeCauses(causes));
}

/** Whether one health is worse than another. */
export function isWorse(status: HealthStatus, than: HealthStatus): boolean {
  return healthStatuses.indexOf(status) > healthStatuses.indexOf(than);
}

function countedStatus(fact: HealthFact): HealthStatus | undefined {
  if (!fact.exists || fact.ignored || fact.health === undefined) return undefined;
  const { status } = fact.health;
  if (status === '') return undefined;
  const isChild = fact.key.group === 'argoproj.io' && fact.key.kind === 'Application';
  return isChild && (status === 'Missing' || status === 'Unknown') ? undefined : status;
}

function describeCauses(causes: readonly ResourceKey[]): string {
  if (causes.length === 0) return '';
  const named = causes.map(({ group, kind, namespace, name }) => {
    const type = group === '' ? kind : `${group}/${kind}`;
    return `${type}:${namespace === '' ? name : `${namespace}/${name}`}`;
  });
  return `Caused by ${someOf(named, causesShown)}`;
}
