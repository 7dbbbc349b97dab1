import { sameJson } from '../../object/json/canonical.ts';
import { ownField } from '../../own-field.ts';
import type { ProjectRole, ProjectSpec } from '../project.ts';
import { normalPolicy } from '../roles/roles.ts';
import { inheritedLists } from '../rules/global.ts';

/** What the owner of a project decides. The tokens of its roles are kept beside it and changed one by one. */
export type OwnPart = {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly finalizers: string[];
  readonly spec: ProjectSpec;
};

/** A spec without the tokens of its roles. */
export function withoutTokens(spec: ProjectSpec): ProjectSpec {
  const { roles, ...rest } = spec;
  return roles === undefined ? rest : { ...rest, roles: roles.map(withoutTokensOf) };
}

function withoutTokensOf({ jwtTokens: _, ...role }: ProjectRole): ProjectRole {
  return role;
}

/** A spec whose policies are written in one way, so that one is found by its text. */
export function withNormalPolicies(spec: ProjectSpec): ProjectSpec {
  if (spec.roles === undefined) return spec;
  const roles = spec.roles.map((role) =>
    role.policies === undefined ? role : { ...role, policies: role.policies.map(normalPolicy) },
  );
  return { ...spec, roles };
}

/**
 * A spec without what it has from global projects: whoever edits a project as it is shown with all that it inherits sends
 * that back. What the project has as its own stays, though it may be inherited too.
 */
export function withoutInherited(
  spec: ProjectSpec,
  own: ProjectSpec,
  globals: readonly ProjectSpec[],
): ProjectSpec {
  const lists = inheritedLists.flatMap((field) => {
    const list: readonly unknown[] | undefined = spec[field];
    const inherited: readonly unknown[] = globals.flatMap((global): unknown[] => global[field] ?? []);
    if (list === undefined || inherited.length === 0) return [];
    const isIn = (some: readonly unknown[], one: unknown) => some.some((other) => sameJson(one, other));
    const kept = list.filter((one) => !isIn(inherited, one) || isIn(own[field] ?? [], one));
    // An empty list may mean nothing at all where none means everything.
    return [[field, kept.length === 0 && own[field] === undefined ? undefined : kept] as const];
  });
  return { ...spec, ...Object.fromEntries(lists) };
}

/** The fields of a spec in which two differ, by the alphabet. */
export function differingFields(one: ProjectSpec, other: ProjectSpec): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter((name) => !sameJson(ownField(one, name), ownField(other, name))).sort();
}

/** The part of a spec by which its applications go: all but what is said to and granted to people. */
export function rulesOf({ description: _, roles: __, ...rules }: ProjectSpec): Omit<ProjectSpec, 'roles'> {
  return rules;
}
