import { issuesOfZod } from '../../application/spec/shape-issue.ts';
import { withoutNulls } from '../../application/spec/spec.ts';
import type { Issue } from '../../issue.ts';
import { ProjectRole } from '../../project/project.ts';
import { hasGoodRoles, type PolicyProject } from './compile.ts';
import type { MatchMode } from './rules.ts';

/** What policies are made of: not a role's tokens, which come and go without a change of rights. */
const Role = ProjectRole.pick({ name: true, policies: true, groups: true });
const Named = ProjectRole.pick({ name: true });

/** A project as it is stored, with the roles that bound those of its spec while these can't be read. */
export type RoleKeeper = {
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly goodRoles?: unknown;
};

/**
 * The roles of a project as it is stored. One that can't be read grants nothing and is named, like a line of a policy:
 * until it is mended nothing more is granted than before.
 */
export function policyProject({ name, spec, goodRoles }: RoleKeeper): PolicyProject {
  const { roles, issues } = readRoles(name, spec['roles']);
  const good = isAbsent(goodRoles) ? undefined : readRoles(name, goodRoles);
  const isKnown = good !== undefined && good.issues.length === 0;
  return { metadata: { name }, spec: { roles }, issues, bound: isKnown ? good.roles : 'unknown' };
}

/** The roles that are to be kept beside a project's spec: those before it, where its own can't all be read. */
export function goodRolesBeside(before: RoleKeeper | undefined, next: RoleKeeper, mode: MatchMode): unknown {
  if (hasGoodRoles(policyProject(next), mode) || before === undefined) return null;
  if (!isAbsent(before.goodRoles)) return before.goodRoles;
  return hasGoodRoles(policyProject(before), mode) ? (before.spec['roles'] ?? []) : null;
}

type ReadRoles = { readonly roles: ProjectRole[]; readonly issues: Issue[] };

function readRoles(name: string, written: unknown): ReadRoles {
  const roles: ProjectRole[] = [];
  const issues: Issue[] = [];
  const say = (place: string, message: string): void => {
    issues.push({ path: `project ${name}, ${place}`, message });
  };
  if (!isAbsent(written) && !Array.isArray(written)) say('roles', 'is no list; write one');
  for (const [at, role] of (Array.isArray(written) ? written : []).entries()) {
    const given = withoutNulls(role);
    const read = Role.safeParse(given);
    if (read.success) {
      const { name: known, policies, groups } = read.data;
      roles.push({ name: known, policies, groups });
      continue;
    }
    for (const { path, message } of issuesOfZod(read.error, given)) say(`roles[${at}].${path}`, message);
    // Known by its name, so that what bounds the others bounds it.
    const named = Named.safeParse(given);
    if (named.success) roles.push({ name: named.data.name });
  }
  return { roles, issues };
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
