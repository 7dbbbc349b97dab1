import type { GroupLine } from './lines.ts';
import { isAbout, type Rule } from './rules.ts';

/** Rules and memberships that came from one place: the whole installation, or a project's roles. */
export type Layer = {
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
  /** The roles that each subject was given, by its name. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
};

/** Memberships as a look-up. */
export function rolesByMember(lines: readonly GroupLine[]): Map<string, readonly string[]> {
  const roles = new Map<string, string[]>();
  for (const { member, role } of lines) {
    const known = roles.get(member);
    if (known === undefined) roles.set(member, [role]);
    else known.push(role);
  }
  return roles;
}

/** How many memberships may lead from one to the next, as with the reference. */
const mostLinks = 10;

/** A subject and all roles that it has by memberships of one or several layers, exact names only. */
export function closure(subject: string, layers: readonly Layer[]): Set<string> {
  const reached = new Set([subject]);
  let fresh = [subject];
  for (let links = 0; links < mostLinks && fresh.length > 0; links += 1) {
    const following: string[] = [];
    for (const role of fresh.flatMap((one) => layers.flatMap((layer) => layer.roles.get(one) ?? []))) {
      if (reached.has(role)) continue;
      reached.add(role);
      following.push(role);
    }
    fresh = following;
  }
  return reached;
}

/** The rules of a subject about one resource: those of one project's objects apart, for they are the most. */
export type Bucket = {
  readonly byProject: ReadonlyMap<string, readonly Rule[]>;
  readonly rest: readonly Rule[];
};

/** Sorts the rules of some roles that are about a resource. */
export function bucketOf(roles: Iterable<string>, layer: Layer, resource: string): Bucket {
  const byProject = new Map<string, Rule[]>();
  const rest: Rule[] = [];
  for (const role of roles) {
    for (const rule of layer.rules.get(role) ?? []) {
      if (!isAbout(rule, resource)) continue;
      const { project } = rule;
      const known = project === undefined ? rest : byProject.get(project);
      if (known === undefined) byProject.set(project ?? '', [rule]);
      else known.push(rule);
    }
  }
  return { byProject, rest };
}
