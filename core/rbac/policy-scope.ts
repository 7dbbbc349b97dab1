import { readRoleSubject } from '../project/roles/roles.ts';
import type { CompiledPolicy } from './policy/compile.ts';
import { type BaseIndex, isMember, type ProjectIndex } from './policy/index-layer.ts';
import type { Subject } from './subject.ts';

/** What is in force for the objects of one project. */
export type PolicyScope = {
  readonly base: BaseIndex;
  /** The layer of the project, where there is that project. */
  readonly project: ProjectIndex | undefined;
  readonly name: string | undefined;
  readonly defaultRole: string;
};

/** What is in force, and what bounds it as long as there are lines that can't be read. */
export function scopesOf(
  { base, projects, defaultRole, goodDefaultRole }: CompiledPolicy,
  name: string | undefined,
): { readonly now: PolicyScope; readonly good: PolicyScope | undefined } {
  const project = name === undefined ? undefined : projects.get(name);
  const now = { base: base.now, project: project?.now, name, defaultRole };
  if (base.good === base.now && project?.good === project?.now) return { now, good: undefined };
  return { now, good: { base: base.good, project: project?.good, name, defaultRole: goodDefaultRole } };
}

/** Under which names a subject is decided on, and the layer of the project where it counts for it. */
export type ScopedSubject = { readonly names: readonly string[]; readonly project: ProjectIndex | undefined };

/** The default role, the user, and the groups that some line speaks of; each is decided on by itself. */
export function subjectIn(
  { base, name, defaultRole, ...scope }: PolicyScope,
  subject: Subject,
): ScopedSubject {
  const token = scope.project === undefined ? undefined : readRoleSubject(subject.name);
  // A project's token has nothing in another project but what everybody has.
  const isForeign = token !== undefined && token.project !== name;
  const project = isForeign ? undefined : scope.project;
  // Within a project a token of one is its role and nothing else.
  const groups = token === undefined ? subject.groups.filter((group) => isMember(group, base, project)) : [];
  const names = [defaultRole, ...(isForeign ? [] : [subject.name]), ...groups];
  return { names: names.filter((one) => one !== ''), project };
}
