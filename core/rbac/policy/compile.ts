import type { Issue } from '../../issue.ts';
import type { AppProject, ProjectRole } from '../../project/project.ts';
import { groupsOfRole, type RoleSubject, readRolePolicy, roleSubject } from '../../project/roles/roles.ts';
import { builtinPolicy } from './builtin.ts';
import { type BaseIndex, indexBase, indexProject, type ProjectIndex } from './index-layer.ts';
import { type Layer, rolesByMember } from './layer.ts';
import { type GrantLine, type GroupLine, readPolicy } from './lines.ts';
import { type MatchMode, makeRules, type Rule } from './rules.ts';

/** What a project grants by its roles, and those of them that can't be read. */
export type PolicyProject = Pick<AppProject, 'metadata' | 'spec'> & {
  readonly issues?: readonly Issue[];
  /**
   * The roles that bound what is granted as long as some can't be read, or that nobody knows any: then the roles grant
   * nothing. Absent for a project that is not stored, which only what was compiled before bounds.
   */
  readonly bound?: readonly ProjectRole[] | 'unknown';
};

/** What decides on rights: the settings of policies and the projects. */
export type PolicyInput = {
  /** The texts of policies in their order, each with the name that its lines are called by. */
  readonly texts: readonly { readonly name: string; readonly text: string }[];
  readonly projects: readonly PolicyProject[];
  /** The role that everybody has; empty for none. */
  readonly defaultRole: string;
  readonly mode: MatchMode;
  /** Whether the built-in policy is left out, as only somebody does who tries out another one. */
  readonly bare?: boolean;
};

/** What is in force of one place, and the last of it that had no line that can't be read. */
export type Level<Index> = { readonly now: Index; readonly good: Index; readonly issues: readonly Issue[] };

/** A policy ready for many decisions. */
export type CompiledPolicy = {
  readonly defaultRole: string;
  /** The default role of the last policy that had no line that can't be read. */
  readonly goodDefaultRole: string;
  readonly base: Level<BaseIndex>;
  readonly projects: ReadonlyMap<string, Level<ProjectIndex>>;
  /** Lines that are left out, each named. */
  readonly issues: readonly Issue[];
};

/**
 * Compiles policies and the roles of projects. Lines that can't be read are left out; as long as there are such, what was
 * in force `before` bounds what is granted, so that a slip never grants more: neither by a lost denial nor by a lost
 * membership that a denial was for.
 */
export function compilePolicy(input: PolicyInput, before?: CompiledPolicy): CompiledPolicy {
  const base = level(readBase(input), indexBase, before?.base.good);
  const projects = new Map(
    input.projects.map((project) => {
      const { name } = project.metadata;
      const read = readRoles(project, input.mode);
      return [
        name,
        level(read, indexProject, boundOf(project, read, input.mode, before?.projects.get(name))),
      ];
    }),
  );
  const issues = [base, ...projects.values()].flatMap((one) => one.issues);
  const { defaultRole } = input;
  const isWhole = base.issues.length === 0 || before === undefined;
  const goodDefaultRole = isWhole ? defaultRole : before.goodDefaultRole;
  return { defaultRole, goodDefaultRole, base, projects, issues };
}

type Read = { readonly layer: Layer; readonly issues: readonly Issue[] };

function level<Index>(
  { layer, issues }: Read,
  index: (layer: Layer) => Index,
  bound: Index | undefined,
): Level<Index> {
  const now = index(layer);
  return { now, good: issues.length === 0 ? now : (bound ?? now), issues };
}

/**
 * What bounds the roles of a project while some of them can't be read: the good ones that are stored, by which all
 * processes agree; where those can't be read either, the last that could be in this process.
 */
function boundOf(
  { metadata, bound }: PolicyProject,
  { layer, issues }: Read,
  mode: MatchMode,
  before: Level<ProjectIndex> | undefined,
): ProjectIndex | undefined {
  if (issues.length === 0) return undefined;
  const stored =
    bound === undefined || bound === 'unknown' ? undefined : readStored(metadata.name, bound, mode);
  if (stored !== undefined) return indexProject(stored);
  if (before !== undefined || bound === undefined) return before?.good;
  return indexProject({
    ...layer,
    rules: new Map([...layer.rules.keys()].map((role) => [role, nothing(role)])),
  });
}

function readStored(name: string, roles: readonly ProjectRole[], mode: MatchMode): Layer | undefined {
  const read = readRoles({ metadata: { name }, spec: { roles: [...roles] } }, mode);
  return read.issues.length === 0 ? read.layer : undefined;
}

/** The rules of a role that may do nothing, whatever else it is granted. */
function nothing(subject: string): readonly Rule[] {
  const line = { subject, resource: '*', action: '*', object: '*', place: subject };
  return makeRules([{ ...line, effect: 'deny' }], 'glob').bySubject.get(subject) ?? [];
}

/** Whether all roles of a project can be read, so that they may bound later ones. */
export function hasGoodRoles(project: PolicyProject, mode: MatchMode): boolean {
  return readRoles(project, mode).issues.length === 0;
}

function readBase({ texts, mode, bare = false }: PolicyInput): Read {
  const builtin = readPolicy('built-in policy', bare ? '' : builtinPolicy);
  const read = texts.map(({ name, text }) => readPolicy(name, text));
  const written = makeRules(
    read.flatMap(({ grants }) => grants),
    mode,
  );
  const given = makeRules(builtin.grants, 'glob');
  const rules = new Map(given.bySubject);
  for (const [subject, own] of written.bySubject) {
    rules.set(subject, [...(rules.get(subject) ?? []), ...own]);
  }
  const groups = [builtin, ...read].flatMap((one) => one.groups);
  const issues = [...read.flatMap((one) => one.issues), ...written.issues];
  return { layer: { rules, roles: rolesByMember(groups) }, issues };
}

function readRoles({ metadata, spec, issues: unread = [] }: PolicyProject, mode: MatchMode): Read {
  const read = (spec.roles ?? []).map((role) => readRole({ project: metadata.name, role: role.name }, role));
  const { bySubject, issues } = makeRules(
    read.flatMap(({ grants }) => grants),
    mode,
  );
  const layer = { rules: bySubject, roles: rolesByMember(read.flatMap(({ groups }) => groups)) };
  return { layer, issues: [...unread, ...read.flatMap((one) => one.issues), ...issues] };
}

type ReadRole = { grants: GrantLine[]; groups: GroupLine[]; issues: Issue[] };

/** A role's lines, the first of which everybody with the role has. */
function readRole(of: RoleSubject, role: ProjectRole): ReadRole {
  const subject = roleSubject(of);
  const place = (at: string): string => `project ${of.project}, role ${of.role}${at}`;
  const grants: GrantLine[] = [
    { subject, resource: 'projects', action: 'get', object: of.project, effect: 'allow', place: place('') },
  ];
  const issues: Issue[] = [];
  for (const [at, text] of (role.policies ?? []).entries()) {
    const read = readRolePolicy(of, text);
    const where = place(`, policies[${at}]`);
    if (read.fault === undefined) grants.push({ ...read.policy, subject, place: where });
    else issues.push({ path: where, message: read.fault });
  }
  return { grants, groups: groupsOfRole(role).map((member) => ({ member, role: subject })), issues };
}
