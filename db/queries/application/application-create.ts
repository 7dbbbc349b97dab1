import { sql } from 'drizzle-orm';
import { formatJson } from '../../../core/object/json/json.ts';
import { repositoryKey } from '../../../core/repository/address.ts';
import { builtOnce } from '../../built-once.ts';
import type { Database } from '../../client.ts';
import { applications, dirty } from '../../schema/application.ts';
import { audit } from '../../schema/record.ts';
import { repositories } from '../../schema/repository.ts';
import type { AuditEntry } from '../installation/audit.ts';
import type { RepositoryRow } from '../repository/repository.ts';
import type { ApplicationRow, ApplicationWrite } from './application.ts';
import { announcedBy } from './change.ts';

export type NewApplication = ApplicationWrite & {
  readonly namespace: string;
  readonly name: string;
  /** What it reads from; those that are not known yet become so. */
  readonly repositories: readonly Pick<RepositoryRow, 'url' | 'type'>[];
  readonly audit: AuditEntry;
};

/**
 * Creates an application that is due for its first refresh, with its repositories, its audit row and its change: all in
 * one statement, so all of it or nothing. Undefined where the name is taken; nothing has changed then.
 */
export async function createApplication(
  db: Database,
  { repositories: sources, audit: entry, ...application }: NewApplication,
): Promise<ApplicationRow | undefined> {
  const [created] = await creation(db).execute({
    ...application,
    repositories: formatJson(sources.map(({ url, type }) => ({ url, type, url_key: repositoryKey(url) }))),
    actor: entry.actor,
    action: entry.action,
    object: entry.object,
    details: formatJson(entry.details ?? {}),
  });
  return created;
}

const creation = builtOnce((db) => {
  const given = (name: string) => sql.placeholder(name);
  const created = db.$with('created').as(
    db
      .insert(applications)
      .values({
        namespace: given('namespace'),
        name: given('name'),
        project: given('project'),
        labels: given('labels'),
        annotations: given('annotations'),
        finalizers: given('finalizers'),
        spec: given('spec'),
        clusterId: given('clusterId'),
      })
      .onConflictDoNothing({ target: [applications.namespace, applications.name] })
      .returning(),
  );
  const due = db
    .$with('due', {})
    .as(sql`insert into ${dirty} (application_id) select id from created returning application_id`);
  const known = db.$with('known', {}).as(sql`
    insert into ${repositories} (url, type, url_key)
    select source.url, source.type, source.url_key
    from created, json_to_recordset(${given('repositories')}::json) as source (url text, type text, url_key text)
    on conflict do nothing`);
  const audited = db.$with('audited', {}).as(sql`
    insert into ${audit} (actor, action, object, details)
    select ${given('actor')}, ${given('action')}, ${given('object')}, ${given('details')}::jsonb from created`);
  const { written, told } = announcedBy(
    db,
    sql`select 'ADDED', 'application', application_id, null::uuid, null::jsonb from due`,
  );
  return db
    .with(created, due, known, audited, written, told)
    .select(created._.selectedFields)
    .from(created)
    .innerJoin(told, sql`true`)
    .prepare('create_application');
});
