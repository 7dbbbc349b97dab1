import type { HealthStatus } from '../application/words.ts';
import { conditionOf, numberAt, textAt, valueAt } from '../object/json/field.ts';
import type { Manifest } from '../object/manifest/manifest.ts';
import { ownField } from '../own-field.ts';
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
};

/** A condition of which `False` says that something is wrong, as Kubernetes' conventions have it. */
export const falseFails = { True: 'Healthy', False: 'Degraded', Unknown: 'Progressing' } as const;

/** A condition that is `False` from the first moment on until all is there. */
export const falseWaits = { True: 'Healthy', False: 'Progressing', Unknown: 'Progressing' } as const;

/** Why an object is not judged by what its status says: that status speaks of an older spec. */
export const unobserved = 'the newest spec has not been observed yet';

/** Progressing while a generation in the status is older than the spec; no answer where it is not there. */
export function observedAt(...path: Path): HealthCheck {
  return (live) =>
    isOlder(live, generationIn(valueAt(live, ...path))) ? health('Progressing', unobserved) : undefined;
}

/** The usual place of that generation. */
export const observed = observedAt('status', 'observedGeneration');

/** A generation, which some operators write as text; other texts are none. */
export function generationIn(value: unknown): number | undefined {
  if (typeof value === 'string') return /^\d+$/.test(value) ? Number(value) : undefined;
  return numberAt({ value }, 'value');
}

/**
 * The health that a condition's status or reason stands for. One that carries a generation, and an older one, is not
 * told yet. Where the status alone only says that it waits, a severity or a reason in words of failure says more.
 */
export function condition(type: string, words: ConditionWords): HealthCheck {
  return (live) => readCondition(live, conditionOf(live, type), words);
}

/** The health that a condition found anywhere in the status of an object stands for. */
export function readCondition(
  live: Manifest,
  found: unknown,
  words: ConditionWords,
): ObjectHealth | undefined {
  const status = meaningOf(found, words);
  if (status === undefined) return undefined;
  if (isOlder(live, numberAt(found, 'observedGeneration'))) return health('Progressing', unobserved);
  return health(status, textAt(found, 'message') || textAt(found, 'reason'));
}

/**
 * The checks of a kind that documents the standard conditions and nothing else: `Stalled` and `Reconciling`, where its
 * controller writes them, then the condition that sums up the others. Generations are compared for every rule anyway.
 */
export function standard(type = 'Ready', words: ConditionWords = falseFails): readonly HealthCheck[] {
  return [
    condition('Stalled', { True: 'Degraded' }),
    // It has failed and is tried again: the summary says with what.
    (live) =>
      textAt(conditionOf(live, 'Reconciling'), 'reason') === 'ProgressingWithRetry'
        ? condition(type, words)(live)
        : undefined,
    condition('Reconciling', { True: 'Progressing' }),
    condition(type, words),
  ];
}

/**
 * The health that a word such as `status.phase` stands for. A word that is not listed is on its way somewhere, unless
 * it says itself that something failed.
 */
export function word(
  path: Path,
  words: Readonly<Record<string, HealthStatus>>,
  messageAt: Path = ['status', 'message'],
): HealthCheck {
  return (live) => {
    const found = textAt(live, ...path);
    if (found === '') return undefined;
    const status = ownField(words, found) ?? (saysFailure(found) ? 'Degraded' : 'Progressing');
    const message = textAt(live, ...messageAt);
    if (message !== '') return health(status, message);
    return status === 'Healthy' ? health(status) : health(status, `${path.join('.')} is "${found}"`);
  };
}

/** Whether a word, such as a phase or a reason, names a failure. Operators add words; these they share. */
export function saysFailure(text: string): boolean {
  return /fail(ed|ure)|error|invalid|unrecoverable|crashloop/i.test(text);
}

/** Suspended while a field such as `spec.suspend` is true. */
export function suspendedBy(...path: Path): HealthCheck {
  return (live) =>
    valueAt(live, ...path) === true ? health('Suspended', `${path.join('.')} is true`) : undefined;
}

/** Healthy, and at rest, while a field that starts no new runs is true: a schedule holds nothing, and no wave waits for it. */
export function idleBy(...path: Path): HealthCheck {
  return (live) =>
    valueAt(live, ...path) === true
      ? health('Healthy', `${path.join('.')} is true: no runs are started`)
      : undefined;
}

/** Suspended while an annotation has one of these values; any value when none is given. */
export function suspendedByAnnotation(name: string, ...values: readonly string[]): HealthCheck {
  return (live) => {
    const value = ownField(live.metadata.annotations, name);
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

/** Of answers from several places the first failure, else the first that is not healthy, else any. */
export function worstOf(answers: readonly ObjectHealth[]): ObjectHealth | undefined {
  return (
    answers.find(({ status }) => status === 'Degraded') ??
    answers.find(({ status }) => status !== 'Healthy') ??
    answers[0]
  );
}

/** Whether a generation that a status speaks of is older than the object's. */
export function isOlder(live: Manifest, generation: number | undefined): boolean {
  return generation !== undefined && generation < (live.metadata.generation ?? 0);
}

/** The status of a condition; single kinds write it as a boolean. */
function statusOf(found: unknown): string {
  const written = valueAt(found, 'status');
  if (typeof written === 'boolean') return written ? 'True' : 'False';
  return textAt(found, 'status');
}

function meaningOf(found: unknown, words: ConditionWords): HealthStatus | undefined {
  const reason = textAt(found, 'reason');
  const byReason = ownField(words.reasons, reason);
  if (byReason !== undefined) return byReason;
  const said = statusOf(found);
  const status = said === 'True' || said === 'False' || said === 'Unknown' ? words[said] : undefined;
  if (said === 'True' || (status !== 'Progressing' && status !== 'Degraded')) return status;
  // Cluster API, Knative and Azure tell by a severity whether a false condition is an error or a step on the way.
  const severity = textAt(found, 'severity');
  if (severity !== '') return severity === 'Error' ? 'Degraded' : 'Progressing';
  return saysFailure(reason) ? 'Degraded' : status;
}
