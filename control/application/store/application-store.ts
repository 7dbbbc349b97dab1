import type { Decided } from '../../../core/application/spec/spec-text.ts';
import type { ApplicationRow, ApplicationWrite } from '../../../db/queries/application/application.ts';
import type { NewApplication } from '../../../db/queries/application/application-create.ts';
import type { AuditEntry } from '../../../db/queries/installation/audit.ts';
import type { DeletionAsk, DeletionProgress } from '../../../db/queries/operation/removal-request.ts';

/** Under which name an application is kept; no two have the same. */
export type ApplicationName = Pick<ApplicationRow, 'namespace' | 'name'>;

/** What is written together with what an owner decides anew, or not at all. */
export type WrittenAlong = Pick<NewApplication, 'inProject' | 'repositories'> & {
  /** Is given the application as it was, which nobody else changes until all is written. */
  readonly audit: (before: ApplicationRow) => AuditEntry;
  /** Throws unless the application is as whoever writes expects it, and nothing is written then. */
  readonly demand?: ((before: ApplicationRow) => void) | undefined;
};

/** An application as whoever writes it has seen it. */
export type SeenApplication = Pick<ApplicationRow, 'id' | keyof Decided>;

/**
 * Where that of applications is kept which their owners decide: the door of every write of it. Each call writes all or
 * nothing, with its audit entry, and answers with the row as it is then. Nothing here wakes the engine: a hint is sent by
 * whoever called, after it.
 */
export type ApplicationStore = {
  /** The application of a name as it is now. */
  find(name: ApplicationName): Promise<ApplicationRow | undefined>;
  /** Creates one that is due for its first refresh; undefined, and nothing has changed, where the name is taken. */
  create(application: NewApplication): Promise<ApplicationRow | undefined>;
  /**
   * Makes of what the owner decides what is written, and asks for a refresh; undefined, and nothing has changed, where it
   * is gone. A store that others write to keeps what they have changed meanwhile and this write leaves as it was seen.
   */
  replace(
    seen: SeenApplication,
    write: ApplicationWrite,
    along: WrittenAlong,
  ): Promise<ApplicationRow | undefined>;
  /** Gives the word for deletions that wait for it, as of now; answers whether the application was there. */
  approveDeletions(application: Pick<ApplicationRow, 'id'>, audit: AuditEntry): Promise<boolean>;
  /** Asks for the application's deletion; undefined, and nothing has changed, where it is gone. */
  requestDeletion(
    application: Pick<ApplicationRow, 'id'>,
    ask: DeletionAsk,
    audit: (asked: DeletionProgress) => AuditEntry,
  ): Promise<DeletionProgress | undefined>;
};
