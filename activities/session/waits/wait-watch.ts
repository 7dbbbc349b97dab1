import { keyId, type ResourceKey } from '../../../core/object/key.ts';
import { type PlanStep, stepsOfGroup } from '../../../core/sync/plan/plan.ts';
import { shareNext } from '../../../core/waiting/share-next.ts';
import type { Database } from '../../../db/client.ts';
import { findPlan, type StepResultRow, stepResultsOf } from '../../../db/queries/operation/plan.ts';
import { openWaitsOfCluster } from '../../../db/queries/operation/wait.ts';
import type { Engine } from '../../../engine/engine.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { GroupRef } from '../../../workflows/messages.ts';
import type { ClusterView } from '../cluster-view.ts';
import { evaluateGroup, unwatchedSteps } from './evaluate.ts';

type Watched = {
  readonly group: GroupRef;
  readonly kind: 'sync' | 'delete';
  readonly steps: readonly PlanStep[];
  readonly results: ReadonlyMap<number, StepResultRow>;
};

/** The open waits of one cluster, looked at whenever one of their objects changes. */
export type WaitWatch = {
  /** Reads the open waits anew: at the start of a session and after a wait was opened. */
  reload(): Promise<void>;
  /** Has every open wait looked at by its workflow: something else than an object has changed. */
  lookAgain(): Promise<void>;
  /** An object changed: tells the workflows whose wait may be over by that. */
  changed(key: ResourceKey): void;
};

export function createWaitWatch(deps: {
  db: Database;
  engine: Engine;
  log: Logger;
  clusterId: string;
  view: Pick<ClusterView, 'assessHealth' | 'get' | 'watches'>;
}): WaitWatch {
  let open: readonly Watched[] = [];
  let byKey = new Map<string, Watched[]>();

  const look = (watched: Watched): void => {
    // Absence from the cache says nothing of them: the workflow's own looks have to do.
    if (unwatchedSteps(deps.view, watched.steps, watched.results).length > 0) return;
    const states = evaluateGroup(deps.view, watched.steps, watched.results);
    const failed = states.some(({ state }) => state.state === 'failed');
    if (!failed && states.some(({ state }) => state.state === 'waiting')) return;
    hint(watched);
  };

  const hint = ({ group, kind }: Watched): void => {
    const { attempt, phase, wave, operationId, applicationId } = group;
    deps.engine
      .hintSettled({ id: operationId, applicationId, kind }, { attempt, phase, wave })
      .catch((error: unknown) => {
        // The workflow looks for itself after a while: a lost hint costs time only.
        deps.log.warn({ operationId, error: String(error) }, 'settled hint was not delivered');
      });
  };

  // One that began before a wait was committed must not replace one that has seen it: that wait would be forgotten.
  const { look: reload } = shareNext(async () => {
    const rows = await openWaitsOfCluster(deps.db, deps.clusterId);
    const watched = await Promise.all(rows.map((row) => watch(deps.db, deps.clusterId, row)));
    open = watched.filter((one) => one !== undefined);
    const next = new Map<string, Watched[]>();
    for (const one of open) {
      for (const step of one.steps) {
        const id = keyId(step.key);
        next.set(id, [...(next.get(id) ?? []), one]);
      }
    }
    byKey = next;
    for (const one of open) look(one);
  });

  return {
    reload,
    async lookAgain() {
      await reload();
      open.forEach(hint);
    },
    changed(key) {
      for (const watched of byKey.get(keyId(key)) ?? []) look(watched);
    },
  };
}

async function watch(
  db: Database,
  clusterId: string,
  row: Awaited<ReturnType<typeof openWaitsOfCluster>>[number],
): Promise<Watched | undefined> {
  if (row.phase === '') return undefined;
  const [plan, results] = await Promise.all([findPlan(db, row), stepResultsOf(db, row)]);
  if (plan === undefined) return undefined;
  return {
    group: {
      applicationId: row.applicationId,
      operationId: row.operationId,
      clusterId,
      attempt: row.attempt,
      phase: row.phase,
      wave: row.wave,
    },
    kind: row.operationKind,
    steps: stepsOfGroup(plan.plan, { phase: row.phase, wave: row.wave }),
    results: new Map(results.map((result) => [result.step, result])),
  };
}
