import { isOwnResource, roleResources } from '../../rbac/resources.ts';
import type { ProjectRole } from '../project.ts';

/** A subject that is a role of a project. */
export type RoleSubject = { readonly project: string; readonly role: string };

/** The name under which policies speak of a project's role. */
export function roleSubject({ project, role }: RoleSubject): string {
  return `proj:${project}:${role}`;
}

/** The role that a subject is; undefined for people, groups and roles of the whole installation. */
export function readRoleSubject(subject: string): RoleSubject | undefined {
  const [head, project, role, ...others] = subject.split(':');
  if (head !== 'proj' || project === undefined || role === undefined || others.length > 0) return undefined;
  return { project, role };
}

/** A line of a role's policies. */
export type RolePolicy = {
  readonly resource: string;
  readonly action: string;
  readonly object: string;
  readonly effect: 'allow' | 'deny';
};

/** A policy that is read, or why it can't be with what to do about it. */
export type ReadRolePolicy =
  | { readonly policy: RolePolicy; readonly fault?: never }
  | { readonly fault: string; readonly policy?: never };

const actions: ReadonlySet<string> = new Set([
  '*',
  'get',
  'create',
  'update',
  'delete',
  'sync',
  'override',
  'rollback',
]);
const fineActions = /^(?:action|update|delete)\//;
const ownActions = /^[a-z*][a-z*-]*$/;

/** Reads a policy of a role, which may speak of the role and of its project's objects only. */
export function readRolePolicy(of: RoleSubject, text: string): ReadRolePolicy {
  const subject = roleSubject(of);
  const fields = text.split(',').map((field) => field.trim());
  const [head, who, resource = '', action = '', object = '', effect = ''] = fields;
  if (fields.length !== 6 || head !== 'p') {
    return { fault: 'is no policy; write it as p, subject, resource, action, object, allow or deny' };
  }
  if (who !== subject) return { fault: `has the subject "${who}"; write ${subject}` };
  if (!roleResources.has(resource)) {
    return { fault: `has the resource "${resource}"; write one of ${[...roleResources].join(', ')}` };
  }
  const isAction = isOwnResource(resource) ? ownActions.test(action) : isKnownAction(action);
  if (!isAction) return { fault: `has the action "${action}"; write one of ${[...actions].join(', ')}` };
  if (!isObjectOf(of.project, object)) {
    return { fault: `has the object "${object}"; write ${of.project}/ and a name or *` };
  }
  if (effect !== 'allow' && effect !== 'deny') {
    return { fault: `has the effect "${effect}"; write allow or deny` };
  }
  return { policy: { resource, action, object, effect } };
}

/** A policy with one way of spacing, so that two of one meaning are one text. */
export function normalPolicy(text: string): string {
  return text
    .split(',')
    .map((field) => field.trim())
    .join(', ');
}

function isKnownAction(action: string): boolean {
  return actions.has(action) || fineActions.test(action);
}

function isObjectOf(project: string, object: string): boolean {
  return (
    object.startsWith(`${project}/`) && /^[*\w.-]+(?:\/[*\w.-]+)?$/.test(object.slice(project.length + 1))
  );
}

/** What is wrong with the words of a role's name; undefined when nothing is. */
export function faultOfRoleName(name: string): string | undefined {
  return /^[a-zA-Z0-9](?:[-_a-zA-Z0-9]*[a-zA-Z0-9])?$/.test(name)
    ? undefined
    : `"${name}" is not a valid name of a role; use letters, digits, "-" and "_", with a letter or digit at both ends`;
}

/** The group that a role names; undefined when it is none. One with a comma stands in quotes. */
export function readGroup(text: string): string | undefined {
  const [, quoted, plain] = /^(?:"((?:[^"\r\n\t]|"")+)"|([^",\r\n\t][^,\r\n\t]*))$/.exec(text.trim()) ?? [];
  return quoted?.replaceAll('""', '"') ?? plain;
}

/** The groups of a role, without those that can't be read. */
export function groupsOfRole({ groups = [] }: ProjectRole): string[] {
  return groups.map(readGroup).filter((group) => group !== undefined);
}
