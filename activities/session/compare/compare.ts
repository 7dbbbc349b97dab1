import type { ComparisonFailure, SeenObject, Verdict } from '../../../core/application/compared.ts';
import type { CompareContext } from '../../../core/diff/context.ts';
import { describeError } from '../../../core/errors.ts';
import { formatKey, type ResourceKey } from '../../../core/object/key.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import type { ObjectRefusal } from '../../../core/project/rules/refusal.ts';
import { transienceOf } from '../../../core/retry-policy.ts';
import { isHook } from '../../../core/sync/options/hook.ts';
import { isSelfReferenced, trackedOf } from '../../../core/sync/tracking/tracking.ts';
import type { ClusterView } from '../cluster-view.ts';
import { readLive, type Undesired } from './live-side.ts';
import type { Verdicts } from './verdicts.ts';

/** A desired object under the key that it has in the cluster. */
type Desired = { readonly manifest: Manifest; readonly digest: string; readonly key: ResourceKey };

/** What judges an object: the view that it is read from, and the verdicts over that cluster. */
export type Judges = {
  readonly view: Pick<ClusterView, 'direct' | 'get' | 'settings' | 'watches'>;
  readonly verdicts: Pick<Verdicts, 'compare'>;
};

/** How the objects of one application are compared. */
export type Terms = {
  readonly context: CompareContext;
  /** Why nothing of the application can be compared. */
  readonly fault: string | undefined;
  /** Why the application's project keeps it from an object: a sync would not change such a one. */
  readonly refusalOf: ObjectRefusal;
};

/** Looks at one desired object and at what is live under its key, and judges whether a sync would change it. */
export async function compareDesired(judges: Judges, desired: Desired, terms: Terms): Promise<SeenObject> {
  const { manifest, key } = desired;
  const refusal = terms.refusalOf(key);
  const seen = {
    ...{ key, desired: manifest, hook: isHook(manifest), live: undefined, copied: false },
    ...(refusal === undefined ? {} : { refusal }),
  };
  const read = await orFailure(key, () => readLive(judges.view, manifest.apiVersion, key));
  if ('failure' in read) return { ...seen, failure: read.failure };
  const live = read.value;
  if (live === undefined) return seen;
  const found = { ...seen, live, copied: isCopied(judges, live) };
  if (found.hook || found.copied || terms.fault !== undefined || refusal !== undefined) return found;
  const judged = await judge(judges, desired, live, terms);
  return 'failure' in judged ? { ...found, failure: judged.failure } : { ...found, verdict: judged.value };
}

/** Whether a sync would change a live object, or why that can't be told. */
export function judge(
  { verdicts }: Pick<Judges, 'verdicts'>,
  desired: Pick<Desired, 'digest' | 'manifest'>,
  live: Manifest,
  { context }: Pick<Terms, 'context'>,
): Promise<Outcome<Verdict>> {
  return orFailure(keyOf(desired.manifest), () => verdicts.compare(desired, live, context));
}

/** Looks at an object that is tracked and not desired: it has to be pruned, unless it is a hook or a copy. */
export function compareUndesired(
  judges: Pick<Judges, 'view'>,
  { object, formerlyTracked }: Undesired,
): SeenObject {
  return {
    key: keyOf(object),
    desired: undefined,
    live: object,
    hook: isHook(object),
    copied: isCopied(judges, object),
    formerlyTracked,
  };
}

function isCopied({ view }: Pick<Judges, 'view'>, live: Manifest): boolean {
  return !isSelfReferenced(trackedOf(live), view.settings.tracking);
}

type Outcome<Value> = { readonly value: Value } | { readonly failure: ComparisonFailure };

/** An object that can't be read or judged costs only itself: nothing is said of it, least of all that it is missing. */
async function orFailure<Value>(key: ResourceKey, run: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { value: await run() };
  } catch (error) {
    // Safe: the object says so itself, and the application's condition with it; the others are compared all the same.
    const problem = aboutObject(key, describeError(error));
    return { failure: { error, problem, isOutage: transienceOf(error) === 'unreachable' } };
  }
}

/** Words about an object that name it, once. */
export function aboutObject(key: ResourceKey, words: string): string {
  const title = `${formatKey(key)}: `;
  return words.startsWith(title) ? words : title + words;
}
