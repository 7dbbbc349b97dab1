import { unknownProject } from '../../control/project/write-project.ts';
import type { ProjectRow } from '../../db/queries/project/project.ts';
import { requirePermission } from '../auth/enforce.ts';
import type { ApiContext } from '../context.ts';

/** The project of a name, for whoever may see it: nobody else hears whether it is there. */
export async function lookUpProject(c: ApiContext, name: string): Promise<ProjectRow> {
  requirePermission(c, 'projects', 'get', name);
  const row = await c.var.deps.projects.find(name);
  if (row === undefined) throw unknownProject(name);
  return row;
}
