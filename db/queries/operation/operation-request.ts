import { randomUUID } from 'node:crypto';
import { type SQL, sql } from 'drizzle-orm';
import { joinNamed } from '../../../core/application/source/revisions.ts';
import type { ApplicationSpec } from '../../../core/application/spec/spec.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { formatJson } from '../../../core/object/json/json.ts';
import { type Initiator, rulesOf } from '../../../core/sync/operation/initiator.ts';
import type { OperationKind, SyncRequest } from '../../../core/sync/operation/operation.ts';
import { planSchemaVersion, type SyncPlan } from '../../../core/sync/plan/plan.ts';
import type { Database } from '../../client.ts';
import { operations, plans } from '../../schema/operation.ts';
import { changeRows } from '../../statement.ts';
import { type Session, sessionGuard, sessionReplaced } from '../cluster/session.ts';
import { getOperation, type OperationRow } from './operation.ts';

/** A plan that was made before its operation was there, and how long that took. */
export type PreparedPlan = {
  readonly digest: string;
  readonly plan: SyncPlan;
  readonly warnings: readonly string[];
  readonly milliseconds: number;
};

export type OperationRequest = {
  readonly application: {
    readonly id: string;
    readonly name: string;
    readonly namespace: string;
    readonly project: string;
    readonly clusterId: string | null;
    readonly spec: ApplicationSpec;
  };
  readonly kind: OperationKind;
  readonly initiatedBy: Initiator;
  readonly request: SyncRequest;
};

/** A sync that a session asks for, with what it has found out already. */
export type AutomatedSync = OperationRequest & {
  readonly id: string;
  /** The stored render that the operation brings, where that is certain. */
  readonly render?: { readonly id: string } | undefined;
  /** The plan of its first attempt. */
  readonly plan?: PreparedPlan | undefined;
};

/**
 * Commits the row of a new operation; its workflow is started afterwards, by the caller or by the sweeper.
 * Throws `precondition-failed` while another operation of the application is live.
 */
export async function requestOperation(db: Database, input: OperationRequest): Promise<OperationRow> {
  const id = randomUUID();
  await insertOperation(db, { ...input, id });
  const row = await getOperation(db, id);
  if (row === undefined)
    throw new KeelsonError('internal', `operation ${id} is missing right after its insert`);
  return row;
}

/** The same by a session; throws `fenced`, with nothing written, where another session has taken the cluster. */
export async function requestAsSession(db: Database, session: Session, input: AutomatedSync): Promise<void> {
  const permitted = await insertOperation(db, input, sessionGuard(session));
  if (!permitted) throw sessionReplaced(session);
}

/**
 * All of an operation's beginning in one statement: its row, its plan and its announcement are there together or not
 * at all. Refuses the row in favour of a live one; answers whether the guard permitted it.
 *
 * 1.1 to 1.5 ms of the processors, where plain statements take 1.7 to 3.2 (bench/statements.ts, 8 and 1 at once).
 */
async function insertOperation(db: Database, input: AutomatedSync, guard?: SQL): Promise<boolean> {
  const { id, application, plan } = input;
  const { permitted, changed } = await changeRows(db, {
    ...(guard === undefined ? {} : { guard }),
    parts: (asked) => ({
      requested: sql`
        insert into ${operations} (id, application_id, application_name, application_namespace, project,
          cluster_id, spec, kind, initiated_by,
          request, render_id, revision, timings)
        select ${id}::uuid, ${application.id}::uuid, ${application.name}, ${application.namespace}, ${application.project},
          ${application.clusterId}::uuid, ${formatJson(application.spec)}::jsonb, ${input.kind}, ${formatJson(input.initiatedBy)}::jsonb,
          ${formatJson(input.request)}::jsonb, ${input.render?.id ?? null}::uuid, ${pinnedRevision(input)},
          ${formatJson(plan === undefined ? {} : { plan: plan.milliseconds })}::jsonb
        where ${asked.permitted}
        on conflict (application_id) where finished_at is null do nothing
        returning id, attempt`,
      ...(plan === undefined ? {} : { planned: planOfRequested(plan) }),
    }),
    when: 'requested',
    announces: [{ type: 'MODIFIED', topic: 'application', applicationId: application.id }],
  });
  if (permitted && !changed)
    throw new KeelsonError(
      'precondition-failed',
      'another operation is already in progress; wait for it or terminate it first',
    );
  return permitted;
}

function planOfRequested({ digest, plan, warnings }: PreparedPlan): SQL {
  return sql`
    insert into ${plans} (operation_id, attempt, schema_version, digest, plan, warnings)
    select id, attempt, ${planSchemaVersion}::integer, ${digest}, ${formatJson(plan)}::jsonb,
      ${formatJson(warnings)}::jsonb
    from requested`;
}

/**
 * The commit that an operation is for, where that is certain before anything is resolved: an automated sync is for what
 * was compared, also when it ends before it gets as far as rendering it.
 */
function pinnedRevision(input: Pick<OperationRequest, 'initiatedBy' | 'request'>): string | null {
  return (rulesOf(input.initiatedBy).followsApplication ? joinNamed(input.request) : undefined) ?? null;
}
