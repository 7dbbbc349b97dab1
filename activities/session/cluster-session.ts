import type { ClusterClient } from '../../cluster/request/client.ts';
import type { ObservationStore } from '../../db/queries/application/observed.ts';
import type { SettingsSource } from '../../db/settings-source.ts';
import type { AppliedMemory } from '../installation/applied-memory.ts';
import type { Neighbourhood } from '../installation/neighbourhood.ts';
import type { ClusterView } from './cluster-view.ts';
import type { Desirers } from './compare/desirers.ts';
import type { OrphanWatch } from './compare/orphan-watch.ts';
import type { UnwatchedMemory } from './compare/unwatched.ts';
import type { Verdicts } from './compare/verdicts.ts';
import type { WaitWatch } from './waits/wait-watch.ts';

/** One cluster as this process holds it under one epoch: its view, and what is remembered beside it. */
export type ClusterSession = {
  readonly clusterId: string;
  readonly epoch: number;
  readonly client: ClusterClient;
  readonly view: ClusterView;
  /** How often the settings that sessions read had changed in this process when the view was begun. */
  readonly settingsChanges: number;
  readonly verdicts: Verdicts;
  readonly waits: WaitWatch;
  readonly observations: ObservationStore;
  readonly unwatched: UnwatchedMemory;
  readonly desirers: Desirers;
  readonly orphanWatch: OrphanWatch;
  readonly applied: AppliedMemory;
  readonly neighbourhood: Neighbourhood;
};

/**
 * Whether what a session knows was found under other settings, or as somebody else, than hold now: its successor looks
 * anew. Also true when they changed while the cache was being filled. Settings that sessions don't read end none.
 */
export function isOver(
  settings: Pick<SettingsSource, 'changesOf'>,
  { client, settingsChanges }: Pick<ClusterSession, 'client' | 'settingsChanges'>,
): boolean {
  return settings.changesOf('sessions') !== settingsChanges || client.retired.aborted;
}
