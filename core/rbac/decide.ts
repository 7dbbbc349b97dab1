import type { CompiledPolicy } from './policy/compile.ts';
import { ruleFor } from './policy/index-layer.ts';
import type { GrantLine } from './policy/lines.ts';
import { type PolicyScope, scopesOf, subjectIn } from './policy-scope.ts';
import { projectOf } from './resources.ts';
import type { Subject } from './subject.ts';

/** What is asked for: an action on an object of a resource. */
export type Request = { readonly resource: string; readonly action: string; readonly object: string };

/** Whether a request is granted, by which line and to which of the subject's names; a denial names its line. */
export type Decision =
  | { readonly allowed: true; readonly as: string; readonly line: GrantLine }
  | {
      readonly allowed: false;
      /** The denial without which nothing more is said; undefined where nothing grants. */
      readonly line: GrantLine | undefined;
      /** Whether the policy would grant it, but has lines that can't be read and granted it not before. */
      readonly held: boolean;
    };

/**
 * Decides on a request: it is granted when the default role, the user or one of the groups is granted it, each by a line
 * that allows and none that denies. A denial for one of them doesn't take what another one is granted.
 */
export function decide(policy: CompiledPolicy, subject: Subject, request: Request): Decision {
  const { now, good } = scopesOf(policy, projectOf(request.resource, request.object));
  const decision = decideIn(now, subject, request);
  if (!decision.allowed || good === undefined) return decision;
  const before = decideIn(good, subject, request);
  return before.allowed ? decision : { ...before, held: true };
}

function decideIn(scope: PolicyScope, subject: Subject, request: Request): Decision {
  const { names, project } = subjectIn(scope, subject);
  const at = request.object.indexOf('/');
  const asked = { ...request, head: at === -1 ? undefined : request.object.slice(0, at) };
  let denied: GrantLine | undefined;
  for (const as of names) {
    const rule = ruleFor(as, scope.base, project, asked);
    if (rule?.line.effect === 'allow') return { allowed: true, as, line: rule.line };
    denied ??= rule?.line;
  }
  return { allowed: false, line: denied, held: false };
}
