import type { Database } from '../../db/client.ts';
import { checkFence, type FenceHolder, type FenceProof } from '../../db/queries/operation/fence.ts';
import { recordSteps, type StepResultRow } from '../../db/queries/operation/plan.ts';

/**
 * How long a result may wait for others to be recorded with it. What a crash loses with them is written once more, as
 * it was: server-side applies and deletions of one uid change nothing the second time.
 */
const gatherMilliseconds = 200;

/** A record proves for this long that its run may write. */
const proofMilliseconds = 500;

/** The results of one run of an activity on their way to the database, several at a time; each record tells of progress. */
export type StepLog = {
  /** Takes a result; it is recorded with the next ones, shortly. */
  add(result: StepResultRow): void;
  /** Resolves once all that was added is committed; throws `fenced` where another run has taken over since. */
  flush(): Promise<void>;
  /** Makes sure that the run may still write; a record of a moment ago proves it too. Throws `fenced` where not. */
  proveFence(): Promise<FenceProof>;
};

export function createStepLog(
  db: Database,
  run: { readonly holder: FenceHolder; readonly token: number },
): StepLog {
  let pending: StepResultRow[] = [];
  let timer: NodeJS.Timeout | undefined;
  let provenAt = performance.now();
  let proof: FenceProof = { terminating: false };
  let recorded: Promise<void> = Promise.resolve();

  const isProven = (): boolean => performance.now() - provenAt <= proofMilliseconds;
  const record = async (): Promise<void> => {
    const results = pending;
    pending = [];
    if (results.length === 0) return;
    const askedAt = performance.now();
    proof = await recordSteps(db, results, run);
    provenAt = askedAt;
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    recorded = recorded.then(record);
    return recorded;
  };
  return {
    add(result) {
      pending.push(result);
      timer ??= setTimeout(() => {
        flush().catch(() => {
          // Every later flush throws the same, and there is one before the run ends.
        });
      }, gatherMilliseconds);
    },
    flush,
    async proveFence() {
      if (isProven()) return proof;
      await flush();
      if (isProven()) return proof;
      const askedAt = performance.now();
      proof = await checkFence(db, run.holder, run.token);
      provenAt = askedAt;
      return proof;
    },
  };
}
