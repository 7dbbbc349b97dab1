import type { Actor, Resource } from '../../control/context.ts';
import { KeelsonError } from '../../core/errors.ts';
import { userInitiator } from '../../core/sync/operation/initiator.ts';
import { formatTime } from '../../core/text/time.ts';
import type { ApiContext } from '../context.ts';
import { addressOf } from '../request/caller.ts';
import { noteOf } from './permission.ts';
import type { Subject } from './subject.ts';

/**
 * Whether the subject of a request may do something to an object (`<project>/<application>`, a URL, a name). The local
 * account `admin` may do everything, nobody else anything.
 */
export function enforce(c: ApiContext, resource: string, action: string, object: string): boolean {
  c.var.asked.add(noteOf(resource, action));
  const allowed = c.var.subject?.username === 'admin';
  if (!allowed) c.set('denied', { resource, action, object });
  return allowed;
}

/** Throws `forbidden` unless the request's subject may do it. */
export function requirePermission(c: ApiContext, resource: Resource, action: string, object: string): void {
  const { subject } = c.var;
  if (enforce(c, resource, action, object)) return;
  const who = subject === undefined ? '' : `, sub: ${subject.username}, iat: ${formatTime(subject.issuedAt)}`;
  throw new KeelsonError('forbidden', `permission denied: ${resource}, ${action}, ${object}${who}`);
}

/** The subject of a request that can't have come this far without one. */
export function subjectOf(c: ApiContext): Subject {
  if (c.var.subject === undefined)
    throw new KeelsonError('unauthenticated', 'no session information; log in first');
  return c.var.subject;
}

/** Whoever sends a request, as one who changes something. */
export function actorOf(c: ApiContext): Actor {
  return {
    by: userInitiator(subjectOf(c).username),
    address: addressOf(c),
    require: ({ resource, action, object }) => requirePermission(c, resource, action, object),
  };
}
