import { filterOf, type ObjectFilter } from '../../core/rbac/filter/filter.ts';
import { compilePolicy } from '../../core/rbac/policy/compile.ts';
import { projectsOfApplications } from '../../db/queries/application/list/application-page.ts';
import type { ApiContext } from '../context.ts';
import { noteOf } from './permission.ts';

/** The built-in roles alone, which is what `enforce` asks for too: `admin` may do everything, nobody else anything. */
const policy = compilePolicy({ texts: [], projects: [], defaultRole: '', mode: 'glob' });

/** To which applications the subject of a request may do something, as a filter that the database can follow. */
export async function visible(
  c: ApiContext,
  resource: 'applications',
  action: string,
): Promise<ObjectFilter> {
  c.var.asked.add(noteOf(resource, action));
  const subject = { name: c.var.subject?.username ?? '', groups: [] };
  return filterOf(policy, subject, { resource, action }, await projectsOfApplications(c.var.deps.db));
}
