import { ownField } from '../../own-field.ts';
import type { AppProject, ProjectRole, RoleToken } from '../project.ts';

/** What a token says of itself: its id and when it was issued, in seconds. */
export type TokenClaims = { readonly id: string; readonly iat: number };

/** A token as it is recorded; old ones without an id have their time as one. */
export type Recorded = RoleToken & { id: string };

function recorded(token: RoleToken): Recorded {
  return { ...token, id: token.id === undefined || token.id === '' ? String(token.iat) : token.id };
}

/**
 * The record of a role's token; undefined when it was revoked. What counts is the status alone, and the time of issue
 * only for tokens without an id: another token of the same second doesn't keep a revoked one alive.
 */
export function tokenInForce(project: AppProject, role: string, claims: TokenClaims): RoleToken | undefined {
  const id = claims.id === '' ? String(claims.iat) : claims.id;
  if (!hasRole(project, role)) return undefined;
  return itemsOf(project, role)
    .map(recorded)
    .find((token) => token.id === id);
}

function hasRole({ spec }: AppProject, name: string): boolean {
  return (spec.roles ?? []).some((role) => role.name === name);
}

function itemsOf({ status }: AppProject, role: string): readonly RoleToken[] {
  const byRole = status?.jwtTokensByRole ?? {};
  return ownField(byRole, role)?.items ?? [];
}

/** All tokens of a role by what is recorded in spec or status, the newest first. */
export function tokensOf(project: AppProject, role: string): readonly Recorded[] {
  return itemsOf(withAlignedTokens(project), role).map(recorded);
}

/** A project with a token of a role recorded in spec and status, newest first. */
export function withToken(project: AppProject, role: string, token: RoleToken): AppProject {
  return withTokens(project, (name, known) => (name === role ? [...known, recorded(token)] : known));
}

/** A project without a token of a role, by its id, in either place. */
export function withoutToken(project: AppProject, role: string, id: string): AppProject {
  return withTokens(project, (name, known) =>
    name === role ? known.filter((token) => token.id !== id) : known,
  );
}

/** A project whose spec and status name the same tokens, newest first; those of roles that are gone go too. */
export function withAlignedTokens(project: AppProject): AppProject {
  return withTokens(project, (_, known) => known);
}

function withTokens(
  project: AppProject,
  change: (role: string, known: readonly Recorded[]) => readonly Recorded[],
): AppProject {
  const roles: ProjectRole[] = [];
  const byRole: [string, { items: RoleToken[] }][] = [];
  for (const role of project.spec.roles ?? []) {
    const all = [...itemsOf(project, role.name), ...(role.jwtTokens ?? [])].map(recorded);
    const known = [...new Map(all.map((token) => [token.id, token])).values()];
    const items = [...change(role.name, known)].sort((left, right) => right.iat - left.iat);
    const { jwtTokens: _, ...rest } = role;
    roles.push(items.length === 0 ? rest : { ...rest, jwtTokens: items });
    if (items.length > 0) byRole.push([role.name, { items }]);
  }
  const { roles: _, ...spec } = project.spec;
  return {
    ...project,
    spec: roles.length === 0 ? spec : { ...spec, roles },
    status: { ...project.status, jwtTokensByRole: Object.fromEntries(byRole) },
  };
}
