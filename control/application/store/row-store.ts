import type { Database } from '../../../db/client.ts';
import {
  findApplication,
  lockApplication,
  updateApplication,
} from '../../../db/queries/application/application.ts';
import { createApplication } from '../../../db/queries/application/application-create.ts';
import { recordAudit } from '../../../db/queries/installation/audit.ts';
import { approveDeletions } from '../../../db/queries/operation/approval.ts';
import { requestDeletion } from '../../../db/queries/operation/removal-request.ts';
import { holdProject } from '../../../db/queries/project/write-project.ts';
import { ensureRepository } from '../../../db/queries/repository/repository.ts';
import type { ApplicationStore } from './application-store.ts';

/** Keeps applications as rows, and nowhere else. */
export function createRowStore(db: Database): ApplicationStore {
  return {
    find: (name) => findApplication(db, name),
    create: (application) => createApplication(db, application),
    replace: ({ id }, write, { audit, demand, repositories, inProject = false }) =>
      db.transaction(async (tx) => {
        // First: whoever deletes a project has it before its applications.
        if (inProject) await holdProject(tx, write.project);
        const before = await lockApplication(tx, id);
        if (before === undefined) return undefined;
        demand?.(before);
        const written = await updateApplication(tx, before, write);
        for (const repository of repositories) await ensureRepository(tx, repository);
        await recordAudit(tx, audit(before));
        return written;
      }),
    approveDeletions: (application, audit) =>
      db.transaction(async (tx) => {
        if (!(await approveDeletions(tx, application))) return false;
        await recordAudit(tx, audit);
        return true;
      }),
    requestDeletion: ({ id }, ask, audit) =>
      db.transaction(async (tx) => {
        const asked = await requestDeletion(tx, id, ask);
        if (asked !== undefined) await recordAudit(tx, audit(asked));
        return asked;
      }),
  };
}
