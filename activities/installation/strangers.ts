import type { ComparedObject } from '../../core/application/compared.ts';
import type { FoundCondition } from '../../core/application/conditions.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import {
  type Encounter,
  encounterOf,
  strangerWarning,
  strangerWords,
} from '../../core/sync/installation/stranger.ts';
import { ownerOf, trackedOf } from '../../core/sync/tracking/tracking.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import type { ClusterView } from '../session/cluster-view.ts';
import type { AppliedMemory } from './applied-memory.ts';
import type { Neighbourhood } from './neighbourhood.ts';

/** Objects that carry an application's name and that this installation has never applied, and what to say of them. */
export type Strangers = {
  readonly asking: ReadonlySet<Manifest>;
  readonly findings: readonly FoundCondition[];
};

/** What is known of a cluster's other users. */
type Surroundings = {
  readonly applied: Pick<AppliedMemory, 'strangers'>;
  readonly neighbourhood: Pick<Neighbourhood, 'neighbours'>;
  readonly view: Pick<ClusterView, 'settings'>;
};

/** Finds the strangers of a comparison. Objects of the source are looked up only before the application's first sync. */
export async function findStrangers(
  { applied, neighbourhood, view: { settings } }: Surroundings,
  compared: readonly ComparedObject[],
  of: {
    readonly application: Pick<ApplicationRow, 'name' | 'namespace'>;
    readonly instance: string;
    readonly attempted: boolean;
  },
): Promise<Strangers> {
  const objects = compared.flatMap(({ live, desired, hook, status }) => {
    if (live === undefined || hook) return [];
    if (desired === undefined) return status.requiresPruning === true ? [{ live, desired: false }] : [];
    const marked = !of.attempted && ownerOf(trackedOf(live), settings.tracking) === of.instance;
    return marked ? [{ live, desired: true }] : [];
  });
  const strangers = await applied.strangers(objects.map(({ live }) => live));
  const byEncounter = Map.groupBy(objects, ({ live, desired }) =>
    encounterOf({ applied: !strangers.has(live), desired, attempted: of.attempted }),
  );
  const met = (encounter: Encounter): Manifest[] =>
    (byEncounter.get(encounter) ?? []).map(({ live }) => live);
  const { namespace, name } = of.application;
  // Under its own name it is tracked in the control-plane namespace alone.
  const shown = of.instance === name ? name : `${namespace}/${name}`;
  const said = { name: shown, neighbours: neighbourhood.neighbours() };
  const findings = (['asks-first', 'taken-over'] as const).flatMap((encounter) => {
    const keys = met(encounter).map(keyOf);
    if (keys.length === 0) return [];
    return [{ type: strangerWarning, message: strangerWords(encounter, keys, said) }];
  });
  return { asking: new Set(met('asks-first')), findings };
}
