import type { HealthStatus } from '../application/status.ts';
import { conditionOf, numberAt, textAt, valueAt } from '../object/field.ts';
import type { Manifest } from '../object/manifest.ts';
import { health, type ObjectHealth } from './health.ts';

/** One question asked of a live object; undefined when it has no answer and the next check is asked. */
export type HealthCheck = (live: Manifest) => ObjectHealth | undefined;

/** A path of fields from the object's root. */
type Path = readonly string[];

/** What the statuses of a condition mean, and single reasons where the reason says more than the status. */
export type ConditionWords = {
  readonly True?: HealthStatus;
  readonly False?: HealthStatus;
  readonly Unknown?: HealthStatus;
  readonly reasons?: Readonly<Record<string, HealthStatus>>;
  /** Whether the condition carries the generation it speaks of, and an older one means that it is not told yet. */
  readonly ofGeneration?: true;
};

/** Why an object is not judged by what its status says: that status speaks of an older spec. */
export const unobserved = 'the newest spec has not been observed yet';

/** Progressing while `status.observedGeneration` is older than the spec; no answer where it is not there. */
export const observed: HealthCheck = (live) =>
  isOlder(live, numberAt(live, 'status', 'observedGeneration'))
    ? health('Progressing', unobserved)
    : undefined;

/** The health that a condition's status or reason stands for. */
export function condition(type: string, words: ConditionWords): HealthCheck {
  return (live) => {
    const found = conditionOf(live, type);
    if (found === undefined) return undefined;
    if (words.ofGeneration && isOlder(live, numberAt(found, 'observedGeneration'))) {
      return health('Progressing', unobserved);
    }
    const status = words.reasons?.[textAt(found, 'reason')] ?? statusWord(words, textAt(found, 'status'));
    return status === undefined
      ? undefined
      : health(status, textAt(found, 'message') || textAt(found, 'reason'));
  };
}

/** The health that a word such as `status.phase` stands for; a word that is not listed is on its way somewhere. */
export function word(
  path: Path,
  words: Readonly<Record<string, HealthStatus>>,
  messageAt: Path = ['status', 'message'],
): HealthCheck {
  return (live) => {
    const found = textAt(live, ...path);
    if (found === '') return undefined;
    const status = words[found] ?? 'Progressing';
    const message = textAt(live, ...messageAt);
    if (message !== '') return health(status, message);
    return status === 'Healthy' ? health(status) : health(status, `${path.join('.')} is "${found}"`);
  };
}

/** Suspended while a field such as `spec.suspend` is true. */
export function suspendedBy(...path: Path): HealthCheck {
  return (live) =>
    valueAt(live, ...path) === true ? health('Suspended', `${path.join('.')} is true`) : undefined;
}

/** Suspended while an annotation has one of these values; any value when none is given. */
export function suspendedByAnnotation(name: string, ...values: readonly string[]): HealthCheck {
  return (live) => {
    const value = live.metadata.annotations?.[name];
    if (value === undefined || (values.length > 0 && !values.includes(value))) return undefined;
    return health('Suspended', `annotation ${name} is "${value}"`);
  };
}

/** A health where a predicate holds. */
export function when(
  holds: (live: Manifest) => boolean,
  status: HealthStatus,
  message: string | ((live: Manifest) => string) = '',
): HealthCheck {
  return (live) =>
    holds(live) ? health(status, typeof message === 'string' ? message : message(live)) : undefined;
}

/** Makes one check of several that all have to be healthy; the first one that is not answers. */
export function every(...checks: readonly HealthCheck[]): HealthCheck {
  return (live) => {
    const answers = checks.map((check) => check(live));
    const unhealthy = answers.find((answer) => answer !== undefined && answer.status !== 'Healthy');
    if (unhealthy !== undefined) return unhealthy;
    return answers.includes(undefined) ? undefined : health('Healthy');
  };
}

/** The answer of a rule whose checks have none. */
export function otherwise(status: HealthStatus, message = ''): HealthCheck {
  return () => health(status, message);
}

function isOlder(live: Manifest, generation: number | undefined): boolean {
  return generation !== undefined && generation < (live.metadata.generation ?? 0);
}

function statusWord(words: ConditionWords, status: string): HealthStatus | undefined {
  return status === 'True' || status === 'False' || status === 'Unknown' ? words[status] : undefined;
}
