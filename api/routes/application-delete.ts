import { setTimeout as sleep } from 'node:timers/promises';
import { createRoute, z } from '@hono/zod-openapi';
import { parseDuration } from '../../core/duration.ts';
import { KeelsonError } from '../../core/errors.ts';
import {
  deleteDeadlineAnnotation,
  resourcesBackgroundFinalizer,
  resourcesFinalizer,
  resourcesForegroundFinalizer,
} from '../../core/object/annotations.ts';
import type { Cascade } from '../../core/sync/deletion.ts';
import { isFinished } from '../../core/sync/operation.ts';
import type { ApplicationRow } from '../../db/queries/application.ts';
import { recordAudit } from '../../db/queries/audit.ts';
import { getOperation } from '../../db/queries/operation.ts';
import {
  type DeletionAsk,
  type DeletionProgress,
  proceedDeletion,
  requestDeletion,
} from '../../db/queries/removal-request.ts';
import { lookUpApplication, permissionName } from '../application-lookup.ts';
import { subjectOf } from '../auth/enforce.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendHint } from '../hint.ts';
import { flag, replies, text } from '../route.ts';

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/applications/{name}',
  tags: ['applications'],
  summary: 'Delete an application, and its resources unless `cascade` is false',
  request: {
    params: z.object({ name: z.string() }),
    query: z.object({
      cascade: flag,
      propagationPolicy: text,
      deadline: text.openapi({ description: 'Longest time that the deletion may take, such as `10m`' }),
      orphan: flag.openapi({ description: 'Give the resources up, also those of a deletion that runs' }),
      project: text,
      appNamespace: text,
    }),
  },
  responses: replies(
    'Nothing; the application is there until its resources are gone. The header keelson-operation-id names the operation once there is one',
  ),
});

/** How long a deletion waits for the sync that it has stopped; afterwards the sweeper carries on. */
const maxStopMilliseconds = 5_000;
const stopPollMilliseconds = 100;

type Query = {
  readonly cascade?: boolean | undefined;
  readonly propagationPolicy?: string | undefined;
  readonly deadline?: string | undefined;
  readonly orphan?: boolean | undefined;
};

/** Delete. */
export function applicationDeleteRoutes(api: Api): void {
  api.openapi(remove, async (c) => {
    const { name } = c.req.valid('param');
    const query = c.req.valid('query');
    const { project, appNamespace } = query;
    const row = await lookUpApplication(c, { name, project, appNamespace }, 'delete');
    const { username } = subjectOf(c);
    const asked = await request(c, row, { ...readAsk(row, query), username });
    if (asked === undefined) return c.json({});
    const { state, operation } = await untilStarted(c, row, asked);
    if (operation.kind === 'delete') c.header('keelson-operation-id', operation.id);
    if (state === 'ended' && operation.phase === 'Failed') {
      throw new KeelsonError('precondition-failed', operation.message);
    }
    return c.json({});
  });
}

/** What a request asks for; contradictions are refused. */
function readAsk(row: ApplicationRow, query: Query): Omit<DeletionAsk, 'username'> {
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

function request(
  c: ApiContext,
  row: ApplicationRow,
  ask: DeletionAsk,
): Promise<DeletionProgress | undefined> {
  return c.var.deps.db.transaction(async (tx) => {
    const asked = await requestDeletion(tx, row.id, ask);
    if (asked === undefined) return undefined;
    await recordAudit(tx, {
      actor: ask.username,
      action: 'application.delete',
      object: permissionName(row),
      details: {
        ...ask.request,
        ...(asked.operation.kind === 'delete' ? { operation: asked.operation.id } : {}),
      },
    });
    return asked;
  });
}

/**
 * Brings a deletion on its way: starts it, or waits a little for the sync that it stops, or for the deletion whose
 * objects are given up. What takes longer is carried on by the sweeper.
 */
async function untilStarted(
  c: ApiContext,
  row: ApplicationRow,
  asked: DeletionProgress,
): Promise<DeletionProgress> {
  const { db, engine } = c.var.deps;
  const deadline = performance.now() + maxStopMilliseconds;
  let progress = asked;
  if (progress.state === 'stopping' || progress.state === 'running') {
    sendHint(c, engine.nudgeOperation(hintOf(progress)));
  }
  const gaveUp = progress.state === 'running' && progress.operation.orphanRequestedBy !== null;
  while (progress.state === 'stopping' && performance.now() < deadline) {
    await sleep(stopPollMilliseconds);
    const next = await proceedDeletion(db, row.id);
    if (next === undefined) break;
    progress = next;
  }
  if (progress.state === 'requested' && row.clusterId !== null) {
    sendHint(c, engine.startOperation({ ...hintOf(progress), clusterId: row.clusterId }));
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
