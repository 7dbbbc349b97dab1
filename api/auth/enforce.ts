import type { Actor } from '../../control/context.ts';
import { KeelsonError } from '../../core/errors.ts';
import { type Decision, decide, type Request } from '../../core/rbac/decide.ts';
import type { Resource } from '../../core/rbac/resources.ts';
import { type Subject as RbacSubject, subjectOf as rbacSubject } from '../../core/rbac/subject.ts';
import { userInitiator } from '../../core/sync/operation/initiator.ts';
import { formatTime } from '../../core/text/time.ts';
import type { ApiContext } from '../context.ts';
import { addressOf } from '../request/caller.ts';
import { noteOf } from './permission.ts';
import type { Subject } from './subject.ts';

/**
 * Whether the subject of a request may do something to an object (`<project>/<application>`, a URL, a name), by the policy
 * that is in force at this moment. Without a subject nobody may do anything.
 */
export function enforce(c: ApiContext, resource: string, action: string, object: string): boolean {
  return decisionOn(c, { resource, action, object })?.allowed === true;
}

function decisionOn(c: ApiContext, request: Request): Decision | undefined {
  c.var.asked.add(noteOf(request.resource, request.action));
  const { subject } = c.var;
  const decision =
    subject && decide(c.var.deps.policy.current().compiled, policySubjectOf(c, subject), request);
  if (decision?.allowed !== true) c.set('denied', request);
  return decision;
}

/** Throws `forbidden` unless the request's subject may do it. */
export function requirePermission(c: ApiContext, resource: Resource, action: string, object: string): void {
  const { subject } = c.var;
  if (enforce(c, resource, action, object)) return;
  const who = subject === undefined ? '' : `, sub: ${subject.username}, iat: ${formatTime(subject.issuedAt)}`;
  throw new KeelsonError('forbidden', `permission denied: ${resource}, ${action}, ${object}${who}`);
}

/**
 * Throws `forbidden` unless the request's subject may roll an application back. The right to sync it is enough, as it was
 * before there was a right of its own, where no line denies that one.
 */
export function requireRollback(c: ApiContext, object: string): void {
  const decision = decisionOn(c, { resource: 'applications', action: 'rollback', object });
  const isDenied = decision?.allowed === false && decision.line !== undefined;
  if (decision?.allowed === true || (!isDenied && enforce(c, 'applications', 'sync', object))) return;
  requirePermission(c, 'applications', 'rollback', object);
}

/** The subject of a request that can't have come this far without one. */
export function subjectOf(c: ApiContext): Subject {
  if (c.var.subject === undefined)
    throw new KeelsonError('unauthenticated', 'no session information; log in first');
  return c.var.subject;
}

/** A subject as policies see it: its name, and the groups that its token names. */
export function policySubjectOf(c: ApiContext, { claims }: Subject): RbacSubject {
  return rbacSubject(claims, c.var.deps.policy.current().scopes);
}

/** Whoever sends a request, as one who changes something. */
export function actorOf(c: ApiContext): Actor {
  return {
    by: userInitiator(subjectOf(c).username),
    address: addressOf(c),
    require: ({ resource, action, object }) => requirePermission(c, resource, action, object),
  };
}
