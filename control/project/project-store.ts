import type { Database } from '../../db/client.ts';
import { type AuditEntry, recordAudit } from '../../db/queries/installation/audit.ts';
import type { ProjectReader } from '../../db/queries/project/effective-project.ts';
import { findProject, type ProjectRow } from '../../db/queries/project/project.ts';
import {
  announceRules,
  insertProject,
  lockProject,
  type ProjectWrite,
  removeProject,
  replaceProject,
} from '../../db/queries/project/write-project.ts';

/** What becomes of a project that is there. */
export type ProjectDecision =
  | { readonly kind: 'keep' }
  | ({ readonly kind: 'replace'; readonly write: ProjectWrite } & Along)
  | ({ readonly kind: 'remove' } & Along);

/** What is written together with a project, or not at all. */
type Along = {
  readonly audit: AuditEntry;
  /** The projects whose applications go by other rules then, and are looked at again. */
  readonly concerned: readonly string[];
};

/** What a change came to: the project as it is then, and the applications that are to be looked at again. */
export type ProjectChange = { readonly row: ProjectRow; readonly refresh: readonly string[] };

/**
 * Where projects are kept: the door of every write of one. Each call writes all or nothing, with its audit entry, and
 * announces it. Nothing here wakes the engine: whoever calls sends the hint after it.
 */
export type ProjectStore = {
  find(name: string): Promise<ProjectRow | undefined>;
  /** Creates a project; undefined, and nothing has changed, where the name is taken. */
  create(project: ProjectWrite & Pick<ProjectRow, 'name'>, along: Along): Promise<ProjectChange | undefined>;
  /**
   * Changes a project as is decided about it while nobody else can change it; undefined where there is none. A decision
   * reads through what it is given, and leaves everything as it was by throwing.
   */
  change(
    name: string,
    decide: (row: ProjectRow, db: Database) => Promise<ProjectDecision>,
  ): Promise<ProjectChange | undefined>;
};

/** Keeps projects as rows, and nowhere else. */
export function createProjectRows({ db, settings }: ProjectReader): ProjectStore {
  return {
    find: (name) => findProject(db, name),
    create: (project, { audit, concerned }) =>
      db.transaction(async (tx) => {
        const row = await insertProject(tx, project);
        if (row === undefined) return undefined;
        await recordAudit(tx, audit);
        return { row, refresh: await announceRules(tx, concerned) };
      }),
    change: (name, decide) =>
      db.transaction(async (tx) => {
        const row = await lockProject(tx, name);
        if (row === undefined) return undefined;
        const decision = await decide(row, tx);
        switch (decision.kind) {
          case 'keep':
            return { row, refresh: [] };
          case 'replace': {
            const written = await replaceProject(
              tx,
              row,
              decision.write,
              settings.current().policies.now.mode,
            );
            await recordAudit(tx, decision.audit);
            return { row: written, refresh: await announceRules(tx, decision.concerned) };
          }
          case 'remove':
            await removeProject(tx, row);
            await recordAudit(tx, decision.audit);
            return { row, refresh: await announceRules(tx, decision.concerned) };
        }
      }),
  };
}
