import { z } from '@hono/zod-openapi';
import { objectOf } from '../../control/context.ts';
import { parseLabelSelector, selects } from '../../core/application/label-selector.ts';
import { sourcesOf } from '../../core/application/source/source.ts';
import type { ApplicationSpec } from '../../core/application/spec/spec.ts';
import type { Listing } from '../../db/queries/application/list/listing.ts';
import { enforce } from '../auth/enforce.ts';
import { visible } from '../auth/visible.ts';
import type { ApiContext } from '../context.ts';
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

/** Whether an application is one that a list or stream is asked for, whoever may see it. */
export function applicationMatcher(
  c: ApiContext,
  query: ApplicationFilterQuery,
): (application: FilteredApplication) => boolean {
  const wanted = parseLabelSelector(query.selector ?? '');
  const projects = new Set([...query.projects, ...query.project]);
  const namespace = listedNamespace(c, query);
  return ({ name, project, spec, labels, namespace: home }) =>
    (!query.name || name === query.name) &&
    (namespace === undefined || home === namespace) &&
    (projects.size === 0 || projects.has(project)) &&
    (!query.repo || sourcesOf(spec).some((source) => source.repoURL === query.repo)) &&
    selects(wanted, labels);
}

/** Whether the subject of a request may see an application, at this moment. */
export function mayRead(
  c: ApiContext,
  { project, name, namespace }: Pick<FilteredApplication, 'name' | 'namespace' | 'project'>,
): boolean {
  return enforce(c, 'applications', 'get', objectOf(c.var.deps, { project, name, namespace }));
}

/** The list that somebody asks for, of those applications that they may see. */
export async function listingOf(c: ApiContext, query: ApplicationFilterQuery): Promise<Listing> {
  return {
    choice: {
      namespace: listedNamespace(c, query),
      name: query.name || undefined,
      projects: [...query.projects, ...query.project],
      labels: parseLabelSelector(query.selector ?? ''),
      repo: query.repo || undefined,
    },
    filter: await visible(c, 'applications', 'get'),
    home: c.var.deps.config.controlPlaneNamespace,
  };
}
