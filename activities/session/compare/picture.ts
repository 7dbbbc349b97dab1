import { contextFault } from '../../../cluster/compare/compare-object.ts';
import type { SeenObject } from '../../../core/application/compared.ts';
import type { ApplicationSpec } from '../../../core/application/spec/spec.ts';
import { mapBounded } from '../../../core/bounded.ts';
import { compareContext } from '../../../core/diff/context.ts';
import { restoresChildHealth } from '../../../core/health/child-health.ts';
import type { ResourceKey } from '../../../core/object/key.ts';
import { keyOf } from '../../../core/object/manifest/manifest.ts';
import type { ObjectRefusal } from '../../../core/project/rules/refusal.ts';
import { isSkipHook } from '../../../core/sync/options/hook.ts';
import { chooseDesired, type DesiredSet } from '../../../core/sync/plan/desired-set.ts';
import type { DesiredObject } from '../../../core/sync/plan/plan-input.ts';
import type { ContentStore } from '../../../db/content-store.ts';
import type { ApplicationRow } from '../../../db/queries/application/application.ts';
import type { RenderRow } from '../../../db/queries/application/render.ts';
import type { Jq } from '../../../platform/jq/jq.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { compareDesired, compareUndesired, type Terms } from './compare.ts';
import { loadDesired } from './desired-objects.ts';
import { undesiredObjects } from './live-side.ts';

/** Of what a picture is taken: an application by one spec and one render of it. */
export type PictureSubject = {
  readonly application: Pick<ApplicationRow, 'annotations' | 'resources'>;
  readonly spec: ApplicationSpec;
  readonly instance: string;
  readonly render: Pick<RenderRow, 'objects'> | undefined;
  /** Why the application's project keeps it from an object. */
  readonly refusalOf: ObjectRefusal;
  /** Objects of kinds that aren't watched which the application may have besides those it was seen with. */
  readonly supposed?: readonly ResourceKey[] | undefined;
  /** Hears what is desired before anything is read, so that no change after that goes unheard. */
  readonly onDesired?: (keys: readonly ResourceKey[], restoresHealth: boolean) => void;
};

/** One application beside its cluster at one moment: what comparisons tell of it and what plans are made from. */
export type Picture<Seen extends SeenObject = SeenObject> = {
  readonly instance: string;
  readonly terms: Terms;
  /** What the render holds, in its order. */
  readonly desired: readonly DesiredObject[];
  /** Which of that counts. */
  readonly chosen: DesiredSet<DesiredObject>;
  /** What is tracked and not desired, and stays as it is, since the project keeps the application from it. */
  readonly withheld: readonly Withheld[];
  /** Whether the health of child applications counts for this one. */
  readonly restoresHealth: boolean;
  /** What stands under each key: first what is desired, in its order, then what is tracked and not desired. */
  readonly objects: readonly Seen[];
};

/** A live object that its application's project keeps it from, with the rule in words. */
export type Withheld = { readonly key: ResourceKey; readonly refusal: string };

/** What pictures are taken with. */
export type PictureTools = {
  readonly content: Pick<ContentStore, 'manifests'>;
  readonly jq: Pick<Jq, 'faultOf'>;
};

/** Objects compared side by side: reads and dry runs overlap on the wire. */
const parallelComparisons = 20;

/**
 * Takes a picture, key by key. Each object is looked at by itself and by nothing else than its own key, so that one
 * that has changed could take the place of its older self, and all that is made of a picture be made anew.
 */
export async function takePicture(
  { content, jq }: PictureTools,
  session: Pick<ClusterSession, 'unwatched' | 'verdicts' | 'view'>,
  { application, spec, instance, render, refusalOf, supposed, onDesired }: PictureSubject,
): Promise<Picture> {
  const { view } = session;
  const desired = await loadDesired(content, view, render);
  const chosen = chooseDesired(desired, spec.destination.namespace ?? '');
  const keys = chosen.kept.map(({ key }) => key);
  const restoresHealth = restoresChildHealth(chosen.kept.map(({ manifest }) => manifest));
  onDesired?.(keys, restoresHealth);
  const undesired = await undesiredObjects(session, {
    instance,
    wanted: [...keys, ...chosen.spared],
    listed: application.resources,
    supposed,
  });
  const context = compareContext(view.settings, { spec, annotations: application.annotations }, instance);
  const terms = { context, fault: await contextFault(jq, context), refusalOf };
  const seen = await mapBounded(
    chosen.kept.filter(({ manifest }) => !isSkipHook(manifest)),
    parallelComparisons,
    (object) => compareDesired(session, object, terms),
  );
  const withheld: Withheld[] = [];
  const extra = undesired.flatMap((one) => {
    const key = keyOf(one.object);
    const refusal = refusalOf(key);
    if (refusal === undefined) return [compareUndesired(session, one)];
    withheld.push({ key, refusal });
    return [];
  });
  return { instance, terms, desired, chosen, withheld, restoresHealth, objects: [...seen, ...extra] };
}
