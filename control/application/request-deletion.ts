import { setTimeout as sleep } from 'node:timers/promises';
import { KeelsonError } from '../../core/errors.ts';
import {
  deleteDeadlineAnnotation,
  resourcesBackgroundFinalizer,
  resourcesFinalizer,
  resourcesForegroundFinalizer,
} from '../../core/object/annotations.ts';
import { isFinished } from '../../core/sync/operation/operation.ts';
import type { Cascade } from '../../core/sync/walk/deletion.ts';
import { parseDuration } from '../../core/text/duration.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { getOperation } from '../../db/queries/operation/operation.ts';
import {
  type DeletionAsk,
  type DeletionProgress,
  proceedDeletion,
} from '../../db/queries/operation/removal-request.ts';
import { type Author, auditOf, type Control, objectOf } from '../context.ts';
import { sendHint } from '../hint.ts';

/** How long a deletion waits for the sync that it has stopped; afterwards the sweeper carries on. */
const maxStopMilliseconds = 5_000;
const stopPollMilliseconds = 100;

/** How an application is to be deleted. */
export type DeletionChoice = {
  readonly cascade?: boolean | undefined;
  readonly propagationPolicy?: string | undefined;
  readonly deadline?: string | undefined;
  readonly orphan?: boolean | undefined;
};

/**
 * Asks for the deletion of an application and brings it on its way; undefined when the application is gone. Throws
 * where the deletion has ended at once and failed.
 */
export async function requestDeletion(
  control: Pick<Control, 'config' | 'db' | 'engine' | 'log' | 'store'>,
  author: Author,
  row: ApplicationRow,
  choice: DeletionChoice,
): Promise<DeletionProgress | undefined> {
  const ask: DeletionAsk = {
    ...readAsk(row, choice),
    username: author.by.username,
    home: control.config.controlPlaneNamespace,
  };
  const asked = await control.store.requestDeletion(row, ask, ({ operation }) =>
    auditOf(author, {
      action: 'application.delete',
      object: objectOf(control, row),
      details: { ...ask.request, ...(operation.kind === 'delete' ? { operation: operation.id } : {}) },
    }),
  );
  if (asked === undefined) return undefined;
  const progress = await untilStarted(control, row, asked);
  const { state, operation } = progress;
  if (state === 'ended' && operation.phase === 'Failed') {
    throw new KeelsonError('precondition-failed', operation.message);
  }
  return progress;
}

/** What a request asks for; contradictions are refused. */
function readAsk(row: ApplicationRow, query: DeletionChoice): Omit<DeletionAsk, 'username' | 'home'> {
  const { propagationPolicy = '', orphan = false } = query;
  const cascade = query.cascade ?? !orphan;
  if (orphan && cascade) {
    throw new KeelsonError(
      'invalid-argument',
      'cannot give resources up and cascade at the same time; leave one of cascade and orphan out',
    );
  }
  if (!cascade && propagationPolicy !== '') {
    throw new KeelsonError(
      'invalid-argument',
      'cannot set propagation policy when cascading is disabled; leave one of them out',
    );
  }
  const others = row.finalizers.filter((entry) => !isResourcesFinalizer(entry));
  if (!cascade) return { request: { cascade: 'none' }, finalizers: others };
  const finalizer = finalizerOf(row, propagationPolicy);
  const deadline = query.deadline ?? row.annotations[deleteDeadlineAnnotation];
  return {
    request: {
      cascade: cascadeOf(finalizer),
      ...(deadline === undefined || deadline === '' ? {} : { deadlineSeconds: readDeadline(deadline) }),
    },
    finalizers: [...others, finalizer],
  };
}

/** The finalizer that asks for a policy; without one that of the application stands. */
function finalizerOf(row: ApplicationRow, policy: string): string {
  if (policy === 'foreground') return resourcesForegroundFinalizer;
  if (policy === 'background') return resourcesBackgroundFinalizer;
  if (policy === '') return row.finalizers.find(isResourcesFinalizer) ?? resourcesFinalizer;
  throw new KeelsonError(
    'invalid-argument',
    `invalid propagation policy: ${policy}; use foreground or background`,
  );
}

function isResourcesFinalizer(finalizer: string): boolean {
  return finalizer === resourcesFinalizer || finalizer.startsWith(`${resourcesFinalizer}/`);
}

function cascadeOf(finalizer: string): Cascade {
  return finalizer === resourcesBackgroundFinalizer ? 'background' : 'foreground';
}

function readDeadline(deadline: string): number {
  const seconds = parseDuration(deadline);
  if (seconds > 0) return seconds;
  throw new KeelsonError(
    'invalid-argument',
    `deadline "${deadline}" leaves no time for the deletion; write a duration such as 10m`,
  );
}

/**
 * Brings a deletion on its way: starts it, or waits a little for the sync that it stops, or for the deletion whose
 * objects are given up. What takes longer is carried on by the sweeper.
 */
async function untilStarted(
  control: Pick<Control, 'config' | 'db' | 'engine' | 'log' | 'store'>,
  row: ApplicationRow,
  asked: DeletionProgress,
): Promise<DeletionProgress> {
  const { config, db, engine } = control;
  const deadline = performance.now() + maxStopMilliseconds;
  let progress = asked;
  if (progress.state === 'stopping' || progress.state === 'running') {
    sendHint(control, engine.nudgeOperation(hintOf(progress)));
  }
  const gaveUp = progress.state === 'running' && progress.operation.orphanRequestedBy !== null;
  while (progress.state === 'stopping' && performance.now() < deadline) {
    await sleep(stopPollMilliseconds);
    const next = await proceedDeletion(db, row.id, config.controlPlaneNamespace);
    if (next === undefined) break;
    progress = next;
  }
  if (progress.state === 'requested' && row.clusterId !== null) {
    sendHint(control, engine.startOperation({ ...hintOf(progress), clusterId: row.clusterId }));
  }
  while (gaveUp && performance.now() < deadline) {
    const operation = await getOperation(db, progress.operation.id);
    if (operation === undefined || isFinished(operation.phase)) break;
    await sleep(stopPollMilliseconds);
  }
  return progress;
}

function hintOf({ operation }: DeletionProgress) {
  const { id, applicationId, kind } = operation;
  return { id, applicationId, kind };
}
