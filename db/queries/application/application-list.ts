import { and, asc, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { applicationStatus, applications } from '../../schema/application.ts';
import type { ApplicationRow } from './application.ts';
import { isStatusOf, storedColumns } from './destination.ts';

export type ApplicationFilter = {
  readonly namespace?: string;
  readonly names?: readonly string[];
  /** Empty means every project. */
  readonly projects?: readonly string[];
  readonly ids?: readonly string[];
};

/** An application of which no column was read. */
const blank = {
  id: '',
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
  'namespace',
  'name',
  'project',
  'labels',
  'resourceVersion',
];

/** Applications by name, with these columns. A list of thousands that shows a few words of each reads no more. */
export async function listApplications(
  db: Database,
  filter: ApplicationFilter,
  columns: readonly ShownColumn[],
): Promise<ShownRow[]> {
  const where: SQL[] = [];
  const { namespace, names = [], projects = [], ids } = filter;
  if (namespace !== undefined) where.push(eq(applications.namespace, namespace));
  if (names.length > 0) where.push(inArray(applications.name, [...names]));
  if (projects.length > 0) where.push(inArray(applications.project, [...projects]));
  if (ids !== undefined) where.push(ids.length === 0 ? sql`false` : inArray(applications.id, [...ids]));
  const wanted = new Set([...identifying, ...columns]);
  const rows = await db
    .select(Object.fromEntries([...wanted].map((name) => [name, storedColumns[name]])))
    .from(applications)
    .innerJoin(applicationStatus, isStatusOf)
    .where(and(...where))
    .orderBy(asc(applications.name), asc(applications.namespace));
  return rows.map((row) => ({ ...blank, ...row }) as ShownRow);
}
