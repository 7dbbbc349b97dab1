import { type Bucket, bucketOf, closure, type Layer } from './layer.ts';
import type { Rule } from './rules.ts';

/** Layers with what has been found out of them: a name is asked again and again. */
export type BaseIndex = { readonly layer: Layer; readonly subjects: Map<string, Subject> };

/** A project's layer, with the names that it speaks of. */
export type ProjectIndex = {
  readonly layer: Layer;
  readonly names: ReadonlySet<string>;
  /** Of those subjects only that have a role in the project. */
  readonly subjects: Map<string, ProjectSubject>;
};

type Subject = {
  readonly roles: readonly string[];
  readonly buckets: Map<string, readonly Bucket[]>;
};
type ProjectSubject = {
  /** The base that the roles were found with: another one gives others. */
  readonly base: BaseIndex;
  readonly roles: ReadonlySet<string>;
  readonly buckets: Map<string, readonly Bucket[]>;
};

/** Makes the layer of the whole installation ready. */
export function indexBase(layer: Layer): BaseIndex {
  return { layer, subjects: new Map() };
}

/** Makes the layer of a project ready. */
export function indexProject(layer: Layer): ProjectIndex {
  return { layer, names: new Set([...layer.roles.keys(), ...layer.rules.keys()]), subjects: new Map() };
}

/** Whether some line gives a name a role: groups of a token count only then. */
export function isMember(name: string, base: BaseIndex, project: ProjectIndex | undefined): boolean {
  return base.layer.roles.has(name) || project?.layer.roles.has(name) === true;
}

/** What is asked, with the part of the object before its first slash: one look finds the rules of a project. */
export type Ask = {
  readonly resource: string;
  readonly action: string;
  readonly object: string;
  readonly head: string | undefined;
};

/** The deciding rule of one subject: a denial where there is one, else a permission. */
export function ruleFor(
  name: string,
  base: BaseIndex,
  project: ProjectIndex | undefined,
  ask: Ask,
): Rule | undefined {
  let allowing: Rule | undefined;
  for (const { rest, byProject } of bucketsFor(name, base, project, ask.resource)) {
    const own = ask.head === undefined ? undefined : byProject.get(ask.head);
    for (const rules of own === undefined ? [rest] : [rest, own]) {
      const rule = decisive(rules, ask);
      if (rule?.line.effect === 'deny') return rule;
      allowing ??= rule;
    }
  }
  return allowing;
}

function decisive(rules: readonly Rule[], { action, object }: Ask): Rule | undefined {
  let allowing: Rule | undefined;
  for (const rule of rules) {
    if (allowing !== undefined && rule.line.effect === 'allow') continue;
    if (!rule.action.test(action) || !rule.object.test(object)) continue;
    if (rule.line.effect === 'deny') return rule;
    allowing = rule;
  }
  return allowing;
}

const noBuckets: readonly Bucket[] = [];

/** The rules about a resource of one subject, within a project where it has one. */
export function bucketsFor(
  name: string,
  base: BaseIndex,
  project: ProjectIndex | undefined,
  resource: string,
): readonly Bucket[] {
  const subject = subjectOf(name, base);
  if (project !== undefined && isIn(project, name, subject)) {
    return projectBuckets(projectSubjectOf(name, base, project), project, resource);
  }
  if (subject === undefined) return noBuckets;
  return (
    subject.buckets.get(resource) ??
    keep(subject.buckets, resource, [bucketOf(subject.roles, base.layer, resource)])
  );
}

/** Resources are few; the bound is for a caller that makes them up. */
const mostResources = 100;

function keep(
  known: Map<string, readonly Bucket[]>,
  resource: string,
  found: readonly Bucket[],
): readonly Bucket[] {
  const buckets = found.filter(({ byProject, rest }) => byProject.size > 0 || rest.length > 0);
  if (known.size >= mostResources) known.clear();
  known.set(resource, buckets);
  return buckets;
}

function isIn(project: ProjectIndex, name: string, subject: Subject | undefined): boolean {
  if (subject === undefined) return project.names.has(name);
  for (const role of subject.roles) if (project.names.has(role)) return true;
  return false;
}

/** Undefined for a name that no line speaks of: there are more of those than of others. */
function subjectOf(name: string, base: BaseIndex): Subject | undefined {
  const known = base.subjects.get(name);
  if (known !== undefined) return known;
  if (!base.layer.rules.has(name) && !base.layer.roles.has(name)) return undefined;
  const roles = [...closure(name, [base.layer])];
  const subject = { roles, buckets: new Map<string, readonly Bucket[]>() };
  base.subjects.set(name, subject);
  return subject;
}

function projectSubjectOf(name: string, base: BaseIndex, project: ProjectIndex): ProjectSubject {
  const known = project.subjects.get(name);
  if (known?.base === base) return known;
  const roles = closure(name, [base.layer, project.layer]);
  const subject = { base, roles, buckets: new Map<string, readonly Bucket[]>() };
  project.subjects.set(name, subject);
  return subject;
}

function projectBuckets(subject: ProjectSubject, project: ProjectIndex, resource: string): readonly Bucket[] {
  const { roles, buckets, base } = subject;
  return (
    buckets.get(resource) ??
    keep(buckets, resource, [bucketOf(roles, base.layer, resource), bucketOf(roles, project.layer, resource)])
  );
}
