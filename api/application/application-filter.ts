import { z } from '@hono/zod-openapi';
import { objectOf } from '../../control/context.ts';
import { sourcesOf } from '../../core/application/source/source.ts';
import type { ApplicationSpec } from '../../core/application/spec/spec.ts';
import {
  listApplications,
  type ShownColumn,
  type ShownRow,
} from '../../db/queries/application/application-list.ts';
import { enforce } from '../auth/enforce.ts';
import type { ApiContext } from '../context.ts';
import { parseLabelSelector } from '../request/label-selector.ts';
import { repeated, text } from '../route.ts';
import { namespaceOf } from './application-lookup.ts';

/** Query parameters that choose what a list or stream of applications shows. */
export const applicationFilter = {
  name: text,
  projects: repeated,
  project: repeated,
  selector: text,
  repo: text,
  appNamespace: text,
  resourceVersion: z
    .string()
    .regex(/^\d{0,18}$/, 'is no resource version; take one of a list or an event')
    .optional(),
  fields: text,
};

export type ApplicationFilterQuery = z.output<z.ZodObject<typeof applicationFilter>>;

export type FilteredApplication = {
  readonly name: string;
  readonly namespace: string;
  readonly project: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Only looked at where a repository is asked for. */
  readonly spec: ApplicationSpec;
};

/** The namespace that a list is about: the one that it names, of a single application Keelson's own, else every one. */
function listedNamespace(
  c: ApiContext,
  query: Pick<ApplicationFilterQuery, 'appNamespace' | 'name'>,
): string | undefined {
  return query.appNamespace || query.name ? namespaceOf(c, query) : undefined;
}

/** Whether an application is among those that a list or stream shows to its reader. */
export function applicationMatcher(
  c: ApiContext,
  query: ApplicationFilterQuery,
): (application: FilteredApplication) => boolean {
  const selects = parseLabelSelector(query.selector ?? '');
  const projects = new Set([...query.projects, ...query.project]);
  const namespace = listedNamespace(c, query);
  return ({ name, project, spec, labels, namespace: home }) =>
    (!query.name || name === query.name) &&
    (namespace === undefined || home === namespace) &&
    (projects.size === 0 || projects.has(project)) &&
    (!query.repo || sourcesOf(spec).some((source) => source.repoURL === query.repo)) &&
    selects(labels) &&
    enforce(c, 'applications', 'get', objectOf(c.var.deps, { project, name, namespace: home }));
}

/** The applications that a list or stream shows to its reader, by name, with these columns. */
export async function listMatching(
  c: ApiContext,
  query: ApplicationFilterQuery,
  columns: readonly ShownColumn[],
): Promise<ShownRow[]> {
  const { db } = c.var.deps;
  const namespace = listedNamespace(c, query);
  const filter = {
    ...(namespace === undefined ? {} : { namespace }),
    names: query.name ? [query.name] : [],
    projects: [...query.projects, ...query.project],
  };
  const rows = await listApplications(db, filter, query.repo ? [...columns, 'spec'] : columns);
  return rows.filter(applicationMatcher(c, query));
}
