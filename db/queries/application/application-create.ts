import { sql } from 'drizzle-orm';
import { formatJson } from '../../../core/object/json/json.ts';
import { repositoryKey } from '../../../core/repository/address.ts';
import type { Database } from '../../client.ts';
import { applicationStatus, applications, dirty } from '../../schema/application.ts';
import { repositories } from '../../schema/repository.ts';
import { changeRows } from '../../statement.ts';
import { type AuditEntry, auditInsert } from '../installation/audit.ts';
import { holdProject } from '../project/write-project.ts';
import type { RepositoryRow } from '../repository/repository.ts';
import {
  type ApplicationRow,
  type ApplicationWrite,
  getApplication,
  type HomeColumns,
  specDigest,
} from './application.ts';

export type NewApplication = ApplicationWrite &
  Partial<HomeColumns & Pick<ApplicationRow, 'createdAt'>> & {
    readonly namespace: string;
    readonly name: string;
    /** What it reads from; those that are not known yet become so. */
    readonly repositories: readonly Pick<RepositoryRow, 'url' | 'type'>[];
    readonly audit: AuditEntry;
    /** Whether its project has to be there until it is stored, also for who deletes that at the same moment. */
    readonly inProject?: boolean;
  };

/**
 * Creates an application that is due for its first refresh, with its status, its repositories, its audit row and its change: all in
 * one statement, so all of it or nothing. Undefined where the name is taken; nothing has changed then, nor where it throws.
 */
export async function createApplication(
  db: Database,
  { repositories: sources, audit: entry, inProject = false, ...application }: NewApplication,
): Promise<ApplicationRow | undefined> {
  const known = sources.map(({ url, type }) => ({ url, type, url_key: repositoryKey(url) }));
  if (inProject) {
    return db.transaction(async (tx) => {
      await holdProject(tx, application.project);
      return createApplication(tx, { repositories: sources, audit: entry, ...application });
    });
  }
  const { id } = await changeRows(db, {
    parts: {
      created: db
        .insert(applications)
        .values({ ...application, specDigest: specDigest(application) })
        .onConflictDoNothing({ target: [applications.namespace, applications.name] })
        .returning({ id: applications.id }),
      observed: sql`insert into ${applicationStatus} (application_id) select id from created`,
      due: sql`insert into ${dirty} (application_id) select id from created
        returning application_id, null::uuid as cluster_id`,
      known: sql`insert into ${repositories} (url, type, url_key)
        select source.url, source.type, source.url_key
        from created, json_to_recordset(${formatJson(known)}::json) as source (url text, type text, url_key text)
        on conflict do nothing`,
      audited: auditInsert(entry, sql`from created`),
    },
    when: 'created',
    announces: { type: 'ADDED', topic: 'application', each: 'due' },
    returning: { id: sql<string | null>`(select id from created)` },
  });
  return id === null ? undefined : getApplication(db, id);
}
