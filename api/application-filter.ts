import type { z } from '@hono/zod-openapi';
import { sourcesOf } from '../core/application/source.ts';
import type { ApplicationSpec } from '../core/application/spec.ts';
import { permissionName } from './application-lookup.ts';
import { enforce } from './auth/enforce.ts';
import type { ApiContext } from './context.ts';
import { parseLabelSelector } from './label-selector.ts';
import { repeated, text } from './route.ts';

/** Query parameters that choose what a list or stream of applications shows. */
export const applicationFilter = {
  name: text,
  projects: repeated,
  project: repeated,
  selector: text,
  repo: text,
  appNamespace: text,
  resourceVersion: text,
  fields: text,
};

export type ApplicationFilterQuery = z.output<z.ZodObject<typeof applicationFilter>>;

export type FilteredApplication = {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: ApplicationSpec;
};

/** Whether an application is among those that a list or stream shows to its reader. */
export function applicationMatcher(
  c: ApiContext,
  query: ApplicationFilterQuery,
): (application: FilteredApplication) => boolean {
  const selects = parseLabelSelector(query.selector ?? '');
  const projects = new Set([...query.projects, ...query.project]);
  const namespace = query.appNamespace || c.var.deps.config.controlPlaneNamespace;
  const { subject } = c.var;
  return ({ name, spec, labels, namespace: home }) =>
    (!query.name || name === query.name) &&
    home === namespace &&
    (projects.size === 0 || projects.has(spec.project)) &&
    (!query.repo || sourcesOf(spec).some((source) => source.repoURL === query.repo)) &&
    selects(labels) &&
    enforce(subject, 'applications', 'get', permissionName({ project: spec.project, name }));
}
