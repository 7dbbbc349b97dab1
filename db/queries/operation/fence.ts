import { and, eq, sql } from 'drizzle-orm';
import { KeelsonError } from '../../../core/errors.ts';
import { builtOnce } from '../../built-once.ts';
import type { Database } from '../../client.ts';
import { fences, operations } from '../../schema/operation.ts';

export type FenceHolder = {
  readonly applicationId: string;
  readonly operationId: string;
  readonly attempt: number;
};

/** What a look at the fence tells besides: whether somebody has asked for the operation's end. */
export type FenceProof = { readonly terminating: boolean };

/** Gives the right to write to one operation attempt, taking it from whoever had it. */
export async function openFence(db: Database, holder: FenceHolder): Promise<void> {
  const set = { operationId: holder.operationId, attempt: holder.attempt, open: true };
  await db
    .insert(fences)
    .values({ applicationId: holder.applicationId, token: 1, ...set })
    .onConflictDoUpdate({ target: fences.applicationId, set: { ...set, token: sql`${fences.token} + 1` } });
}

/** Takes the fence for one run of an activity: earlier runs of the same attempt find a changed token and stop. */
export async function takeFence(db: Database, holder: FenceHolder): Promise<number> {
  const [row] = await db
    .update(fences)
    .set({ token: sql`${fences.token} + 1` })
    .where(and(...held(holder)))
    .returning({ token: fences.token });
  if (row === undefined) throw fenced(holder);
  return row.token;
}

/**
 * Throws `fenced` unless the run that took `token` is still the one that may write. Where another run of the very same
 * attempt has the fence, the error is retryable: of the two, the engine hears only the one it believes in, and that
 * one may take the fence again.
 */
export async function checkFence(db: Database, holder: FenceHolder, token: number): Promise<FenceProof> {
  const { applicationId, operationId, attempt } = holder;
  const [row] = await tokenOf(db).execute({ applicationId, operationId, attempt });
  if (row === undefined) throw fenced(holder);
  if (row.token !== token) throw fenced(holder, { retryable: true });
  return { terminating: row.terminating };
}

const tokenOf = builtOnce((db) =>
  db
    .select({
      token: fences.token,
      terminating: sql<boolean>`${operations.terminateRequestedAt} is not null`,
    })
    .from(fences)
    .leftJoin(operations, eq(operations.id, fences.operationId))
    .where(
      and(
        eq(fences.applicationId, sql.placeholder('applicationId')),
        eq(fences.operationId, sql.placeholder('operationId')),
        eq(fences.attempt, sql.placeholder('attempt')),
        eq(fences.open, true),
      ),
    )
    .prepare('fence_token'),
);

function held(holder: FenceHolder) {
  return [
    eq(fences.applicationId, holder.applicationId),
    eq(fences.operationId, holder.operationId),
    eq(fences.attempt, holder.attempt),
    eq(fences.open, true),
  ];
}

function fenced(holder: FenceHolder, options: { retryable?: boolean } = {}): KeelsonError {
  return new KeelsonError(
    'fenced',
    `operation ${holder.operationId}: another run took over attempt ${holder.attempt}; this one stops without writing`,
    options,
  );
}
