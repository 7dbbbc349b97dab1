import type { ActionOutcome, WriteResult } from '../core/action/outcome.ts';
import { handingOver } from './hand-over.ts';
import type { ActionInput, ActionWriteRef } from './messages.ts';
import { acting, record } from './proxies.ts';
import { refusedWrite } from './refused-write.ts';

/**
 * Carries out an action that was decided and stored as several writes, one after the other; the first that is refused is
 * the last. Whatever dies in between, the next run goes on with the first write that has no result.
 */
export async function runAction({ actionId, results: before = [] }: ActionInput): Promise<ActionOutcome> {
  const { writes, outcome } = await record.beginAction({ actionId });
  if (outcome !== undefined) return outcome;
  const over = handingOver<typeof runAction, readonly WriteResult[]>((results) => [{ actionId, results }]);
  const results = [...before];
  while (results.length < writes && results.at(-1)?.state !== 'refused') {
    if (over.isLong()) await over.handOver(results);
    const last = results.at(-1);
    const written = last?.state === 'written' ? { written: last.version } : {};
    results.push(await write({ actionId, position: results.length, ...written }));
  }
  return record.endAction({ actionId, results });
}

/** A write that could not be made within its time is refused like one that the API server refuses. */
async function write(ref: ActionWriteRef): Promise<WriteResult> {
  try {
    return await acting.writeForAction(ref);
  } catch (error) {
    const refused = refusedWrite(error);
    if (refused === undefined) throw error;
    return refused;
  }
}
