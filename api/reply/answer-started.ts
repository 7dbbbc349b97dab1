import { requestSync, type WantedSync } from '../../control/application/request-sync.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { showApplication } from '../application/application-show.ts';
import { actorOf } from '../auth/enforce.ts';
import type { ApiContext } from '../context.ts';

/** Starts a sync and answers with the application; a header names the operation. */
export async function answerStarted(c: ApiContext, row: ApplicationRow, wanted: WantedSync) {
  const operation = await requestSync(c.var.deps, actorOf(c), row, wanted);
  c.header('keelson-operation-id', operation.id);
  return c.json(await showApplication(c, row.id));
}
