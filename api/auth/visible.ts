import { filterOf, type ObjectFilter } from '../../core/rbac/filter/filter.ts';
import { projectsOfApplications } from '../../db/queries/application/list/application-page.ts';
import type { ApiContext } from '../context.ts';
import { policySubjectOf, subjectOf } from './enforce.ts';
import { noteOf } from './permission.ts';

/** To which applications the subject of a request may do something, as a filter that the database can follow. */
export async function visible(
  c: ApiContext,
  resource: 'applications',
  action: string,
): Promise<ObjectFilter> {
  c.var.asked.add(noteOf(resource, action));
  const projects = await projectsOfApplications(c.var.deps.db);
  const { compiled } = c.var.deps.policy.current();
  return filterOf(compiled, policySubjectOf(c, subjectOf(c)), { resource, action }, projects);
}
