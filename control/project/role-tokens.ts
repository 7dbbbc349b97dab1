import { randomUUID } from 'node:crypto';
import { KeelsonError } from '../../core/errors.ts';
import { projectManifest } from '../../core/project/manifest.ts';
import type { AppProject, ProjectRole, RoleToken } from '../../core/project/project.ts';
import { groupsOfRole, roleSubject } from '../../core/project/roles/roles.ts';
import { tokensOf, withoutToken, withToken } from '../../core/project/roles/tokens.ts';
import type { ProjectRow } from '../../db/queries/project/project.ts';
import { type Actor, auditOf, type Control } from '../context.ts';
import { digestOf } from './judge-change.ts';
import type { ProjectDecision } from './project-store.ts';
import { unknownProject } from './write-project.ts';

/** Which role of which project. */
export type RoleName = { readonly project: string; readonly role: string };

/** Somebody who asks for tokens: whoever is in one of a role's groups may do that for the role. */
export type TokenActor = Actor & { readonly groups: readonly string[] };

/** What a token of a role says. */
export type RoleClaims = RoleToken & { readonly id: string; readonly subject: string };

/** The token that is asked for. */
export type TokenChoice = {
  readonly issuedAt: Date;
  /** How long it counts; 0 for ever. */
  readonly expiresInSeconds: number;
  /** Empty for one that is made up. */
  readonly id: string;
};

/** Issues a token of a role: it counts for as long as it is recorded with the project. */
export async function createRoleToken(
  control: Control,
  actor: TokenActor,
  of: RoleName,
  choice: TokenChoice,
  sign: (claims: RoleClaims) => Promise<string>,
): Promise<string> {
  let signed = '';
  const changed = await control.projects.change(of.project, async (row): Promise<ProjectDecision> => {
    const project = projectManifest(row, control.config.controlPlaneNamespace);
    const role = findRole(project, of.role);
    requireRole(actor, of.project, role);
    if (role === undefined) {
      throw new KeelsonError('not-found', `project '${of.project}' does not have role '${of.role}'`);
    }
    const token = recordOf(project, of.role, choice);
    signed = await sign({ ...token, subject: roleSubject(of) });
    return recorded(control, actor, row, withToken(project, of.role, token), {
      action: 'project.token.create',
      details: { role: of.role, id: token.id },
    });
  });
  if (changed === undefined) throw unknownTo(actor, of.project);
  return signed;
}

/** Revokes a token of a role, named by its id or, for want of one, by when it was issued; one that is gone stays gone. */
export async function deleteRoleToken(
  control: Control,
  actor: TokenActor,
  of: RoleName,
  token: { readonly id: string; readonly iat: number },
): Promise<void> {
  const changed = await control.projects.change(of.project, async (row): Promise<ProjectDecision> => {
    const project = projectManifest(row, control.config.controlPlaneNamespace);
    requireRole(actor, of.project, findRole(project, of.role));
    const id = idOf(project, of.role, token);
    if (id === undefined) return { kind: 'keep' };
    return recorded(control, actor, row, withoutToken(project, of.role, id), {
      action: 'project.token.delete',
      details: { role: of.role, id },
    });
  });
  if (changed === undefined) throw unknownTo(actor, of.project);
}

function findRole({ spec }: AppProject, name: string): ProjectRole | undefined {
  return spec.roles?.find((role) => role.name === name);
}

function requireRole(actor: TokenActor, project: string, role: ProjectRole | undefined): void {
  const isMember = role !== undefined && groupsOfRole(role).some((group) => actor.groups.includes(group));
  if (!isMember) actor.require({ resource: 'projects', action: 'update', object: project });
}

/** Only who could change it hears that it isn't there. */
function unknownTo(actor: TokenActor, project: string): KeelsonError {
  actor.require({ resource: 'projects', action: 'update', object: project });
  return unknownProject(project);
}

function recordOf(
  project: AppProject,
  role: string,
  { issuedAt, expiresInSeconds, id }: TokenChoice,
): RoleToken & { readonly id: string } {
  const iat = Math.floor(issuedAt.getTime() / 1000);
  if (id !== '' && tokensOf(project, role).some((token) => token.id === id)) {
    throw new KeelsonError('invalid-argument', `Token id '${id}' has been used. `);
  }
  return {
    id: id === '' ? randomUUID() : id,
    iat,
    ...(expiresInSeconds === 0 ? {} : { exp: iat + expiresInSeconds }),
  };
}

function idOf(
  project: AppProject,
  role: string,
  { id, iat }: { readonly id: string; readonly iat: number },
): string | undefined {
  return tokensOf(project, role).find((token) => (id === '' ? token.iat === iat : token.id === id))?.id;
}

function recorded(
  control: Control,
  actor: Actor,
  row: ProjectRow,
  { spec, status = {} }: AppProject,
  entry: { readonly action: string; readonly details: Readonly<Record<string, unknown>> },
): ProjectDecision {
  const { labels, annotations, finalizers } = row;
  const write = { labels, annotations, finalizers, spec, status };
  return {
    kind: 'replace',
    write,
    audit: auditOf(actor, {
      ...entry,
      object: row.name,
      before: digestOf(control, row),
      after: digestOf(control, write),
    }),
    concerned: [],
  };
}
