import { readRoleSubject } from '../project/roles/roles.ts';
import type { CompiledPolicy } from './policy/compile.ts';
import { type BaseIndex, isMember, type ProjectIndex, ruleFor } from './policy/index-layer.ts';
import type { GrantLine } from './policy/lines.ts';
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
  const name = projectOf(request.resource, request.object);
  const project = name === undefined ? undefined : policy.projects.get(name);
  const { base, defaultRole, goodDefaultRole } = policy;
  const now = decideIn({ base: base.now, project: project?.now, name, defaultRole }, subject, request);
  if (!now.allowed || (base.good === base.now && project?.good === project?.now)) return now;
  const before = { base: base.good, project: project?.good, name, defaultRole: goodDefaultRole };
  const good = decideIn(before, subject, request);
  return good.allowed ? now : { ...good, held: true };
}

type Place = {
  readonly base: BaseIndex;
  /** The layer of the request's project, where there is that project. */
  readonly project: ProjectIndex | undefined;
  readonly name: string | undefined;
  readonly defaultRole: string;
};

function decideIn(place: Place, subject: Subject, request: Request): Decision {
  const { base, name, defaultRole } = place;
  const token = place.project === undefined ? undefined : readRoleSubject(subject.name);
  // A project's token has nothing in another project but what everybody has.
  const isForeign = token !== undefined && token.project !== name;
  const project = isForeign ? undefined : place.project;
  const at = request.object.indexOf('/');
  const asked = { ...request, head: at === -1 ? undefined : request.object.slice(0, at) };
  let denied: GrantLine | undefined;
  const ask = (as: string): Decision | undefined => {
    const rule = as === '' ? undefined : ruleFor(as, base, project, asked);
    if (rule?.line.effect === 'allow') return { allowed: true, as, line: rule.line };
    denied ??= rule?.line;
    return undefined;
  };
  const granted = ask(defaultRole) ?? (isForeign ? undefined : ask(subject.name));
  if (granted !== undefined) return granted;
  // Within a project a token of one is its role and nothing else.
  for (const group of token === undefined ? subject.groups : []) {
    const decision = isMember(group, base, project) ? ask(group) : undefined;
    if (decision !== undefined) return decision;
  }
  return { allowed: false, line: denied, held: false };
}
