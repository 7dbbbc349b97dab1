import type { CacheChange } from '../../../cluster/cache/cache-store.ts';
import { shownFacts } from '../../../cluster/tree/tree.ts';
import { isOwnUpdate } from '../../../core/application/own-update.ts';
import {
  isEmptyUpdate,
  reducedUpdate,
  type Update,
  type UpdateRules,
  updateRulesOf,
} from '../../../core/diff/rules/ignored-update.ts';
import type { HealthAssessor } from '../../../core/health/health.ts';
import { sameJson } from '../../../core/object/json/canonical.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import { ownerOf, trackedOf } from '../../../core/sync/tracking/tracking.ts';
import type { Jq } from '../../../platform/jq/jq.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { Desirers } from '../compare/desirers.ts';
import { assessorFor } from './findings.ts';

/** Tells changes that are news to applications from those that are none. */
export type UpdateFilter = {
  /** Calls back for a change that counts: at once, or where only jq can tell, once it has. */
  pass(change: CacheChange, take: () => void): void;
};

type Tools = {
  readonly view: Pick<ClusterView, 'assessHealth' | 'settings'>;
  readonly desirers: Pick<Desirers, 'of'>;
  readonly jq: Pick<Jq, 'remove'>;
};

/**
 * A filter by the settings' rules. Only a change of an object that stays can be left out, and only one after which
 * everything that is shown of the object is as before: its health, the facts of its node, whose it is.
 */
export function createUpdateFilter({ view, desirers, jq }: Tools): UpdateFilter {
  const { settings } = view;

  const isOwn = (object: Manifest): boolean =>
    (object.metadata.ownerReferences ?? []).length === 0 &&
    (ownerOf(trackedOf(object), settings.tracking) !== undefined || desirers.of(keyOf(object)).length > 0);

  const assessorOf = (object: Manifest): HealthAssessor =>
    assessorFor(view, { restoresHealth: desirers.of(keyOf(object)).some((one) => one.restoresHealth) });
  const shown = (object: Manifest, assess: HealthAssessor): unknown => [
    ownerOf(trackedOf(object), settings.tracking) ?? null,
    assess(object) ?? null,
    shownFacts(object, settings.maskedAnnotations),
  ];

  return {
    pass({ type, object, previous }, take) {
      // A deletion tells the last state twice, between which nothing has changed.
      if (type !== 'updated' || previous === undefined) return take();
      const assess = assessorOf(object);
      if (isOwnUpdate(previous, object, assess)) return;
      const update = { previous, object };
      const rules = updateRulesOf(object, settings, isOwn(object));
      if (rules === undefined) return take();
      const reduced = reducedUpdate(update, rules);
      const settle = (empty: boolean): void => {
        if (!empty || !sameJson(shown(previous, assess), shown(object, assess))) take();
      };
      if (isEmptyUpdate(reduced) || rules.jqPathExpressions.length === 0) {
        settle(isEmptyUpdate(reduced));
        return;
      }
      // What jq can't tell counts.
      isEmptyByJq(jq, reduced, rules).then(settle, () => settle(false));
    },
  };
}

async function isEmptyByJq(
  jq: Pick<Jq, 'remove'>,
  { previous, object }: Update,
  { jqPathExpressions }: UpdateRules,
): Promise<boolean> {
  const [before, after] = await Promise.all([
    jq.remove(previous, jqPathExpressions),
    jq.remove(object, jqPathExpressions),
  ]);
  return isEmptyUpdate({ previous: before, object: after });
}
