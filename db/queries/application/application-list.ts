import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { applicationStatus, applications } from '../../schema/application.ts';
import type { ApplicationRow } from './application.ts';
import { isStatusOf, storedColumns } from './destination.ts';
import { bytewise } from './list/visible.ts';

/** An application of which no column was read. */
const blank = {
  id: '',
  homeUid: null,
  homeConditions: [],
  namespace: '',
  name: '',
  project: '',
  labels: {},
  annotations: {},
  finalizers: [],
  spec: { project: '', destination: {} },
  specGeneration: 0,
  resourceVersion: 0,
  createdAt: new Date(0),
  deletionRequestedAt: null,
  deletionFailure: null,
  desiredRevision: null,
  renderError: null,
  syncStatus: 'Unknown',
  healthStatus: 'Unknown',
  healthMessage: null,
  conditions: [],
  resources: [],
  summary: {},
  sourceTypes: null,
  reconciledAt: null,
} as const satisfies Partial<Readonly<ApplicationRow>>;

export type ShownColumn = keyof typeof blank;
/** What is shown of an application: a column that was not asked for has its empty value. */
export type ShownRow = Pick<ApplicationRow, ShownColumn>;

/** Read in any case: who it is, what filters go by, and how new it is. */
const identifying: readonly ShownColumn[] = [
  'id',
  'homeUid',
  'namespace',
  'name',
  'project',
  'labels',
  'resourceVersion',
];

/** Applications that meet a condition in the order of their names' bytes, with these columns. */
export async function listWhere(
  db: Database,
  where: SQL | undefined,
  columns: readonly ShownColumn[],
): Promise<ShownRow[]> {
  const wanted = new Set([...identifying, ...columns]);
  const rows = await db
    .select(Object.fromEntries([...wanted].map((name) => [name, storedColumns[name]])))
    .from(applications)
    .innerJoin(applicationStatus, isStatusOf)
    .where(where)
    .orderBy(bytewise(applications.name), bytewise(applications.namespace));
  return rows.map((row) => ({ ...blank, ...row }) as ShownRow);
}

/** Applications by their ids, with these columns; those that are gone are left out. */
export function listApplications(
  db: Database,
  ids: readonly string[],
  columns: readonly ShownColumn[],
): Promise<ShownRow[]> {
  return listWhere(db, sql`${applications.id} = any(${sql.param(ids)}::uuid[])`, columns);
}
