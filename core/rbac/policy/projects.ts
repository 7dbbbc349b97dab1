import { issuesOfZod } from '../../application/spec/shape-issue.ts';
import { withoutNulls } from '../../application/spec/spec.ts';
import type { Issue } from '../../issue.ts';
import { ProjectRole } from '../../project/project.ts';
import type { PolicyProject } from './compile.ts';

/** What policies are made of: not a role's tokens, which come and go without a change of rights. */
const Role = ProjectRole.pick({ name: true, policies: true, groups: true });

/**
 * The roles of a project as it is stored. One that can't be read is left out and named, like a line of a policy: until it
 * is mended nothing more is granted than before.
 */
export function policyProject({
  name,
  spec,
}: {
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
}): PolicyProject {
  const { roles: written = [] } = spec;
  const roles: ProjectRole[] = [];
  const issues: Issue[] = [];
  const say = (place: string, message: string): void => {
    issues.push({ path: `project ${name}, ${place}`, message });
  };
  if (written !== null && !Array.isArray(written)) say('roles', 'is no list; write one');
  for (const [at, role] of (Array.isArray(written) ? written : []).entries()) {
    const given = withoutNulls(role);
    const read = Role.safeParse(given);
    if (read.success) {
      const { name: known, policies, groups } = read.data;
      roles.push({ name: known, policies, groups });
    } else {
      for (const { path, message } of issuesOfZod(read.error, given)) say(`roles[${at}].${path}`, message);
    }
  }
  return { metadata: { name }, spec: { roles }, issues };
}
