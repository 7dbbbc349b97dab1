import { formatJson } from '../../object/json/json.ts';
import { decide } from '../decide.ts';
import type { CompiledPolicy } from '../policy/compile.ts';
import { bucketsFor, type ProjectIndex } from '../policy/index-layer.ts';
import type { Rule } from '../policy/rules.ts';
import { type PolicyScope, scopesOf, subjectIn } from '../policy-scope.ts';
import { projectOf } from '../resources.ts';
import type { Subject } from '../subject.ts';
import { everyOf, type Names, otherThan, sizeOf, someOf } from './names.ts';
import { restOfGlob } from './rest-of-glob.ts';

/** Which objects somebody is granted something on: those of any clause, and of other projects those that are decided so. */
export type ObjectFilter = {
  readonly clauses: readonly FilterClause[];
  /** Projects whose objects patterns don't tell apart; each has to be decided on. */
  readonly undecided: readonly string[];
  readonly decides: (object: string) => boolean;
};

/** Objects of some projects, by what stands after the project and its slash in their names. */
export type FilterClause = { readonly projects: readonly string[]; readonly names: Names };

/** What is asked for, of whatever object. */
type Right = { readonly resource: string; readonly action: string };

/** A filter whose patterns are more, or longer together, makes a database slower than deciding on each name. */
const most = { patterns: 2_000, characters: 100_000 };

/**
 * Turns a policy into a filter of the objects of these projects, for one subject and right: the same union over the
 * subject's names of *allow and not deny* that `decide` makes for one object, bounded by the last good policy where there
 * are lines that can't be read. Only what a database can match in linear time becomes patterns.
 */
export function filterOf(
  policy: CompiledPolicy,
  subject: Subject,
  right: Right,
  projects: Iterable<string>,
): ObjectFilter {
  const alike = new Map<string, { readonly names: Names; readonly projects: string[] }>();
  const undecided: string[] = [];
  const rests = new Map<string, Names | undefined>();
  for (const project of projects) {
    const names = namesIn(policy, subject, right, project, rests);
    if (names === undefined) undecided.push(project);
    if (names === undefined || names === 'none') continue;
    const key = formatJson(names);
    const known = alike.get(key);
    if (known === undefined) alike.set(key, { names, projects: [project] });
    else known.projects.push(project);
  }
  const { clauses, others } = bound([...alike.values()]);
  return {
    clauses,
    undecided: [...undecided, ...others],
    decides: (object) => decide(policy, subject, { ...right, object }).allowed,
  };
}

/** Leaves the smallest clauses that fit the bounds together, and answers with the projects of the others. */
function bound(clauses: readonly FilterClause[]): { clauses: FilterClause[]; others: string[] } {
  const sized = clauses.map((clause) => ({ clause, size: sizeOf(clause.names) }));
  sized.sort((left, right) => left.size.characters - right.size.characters);
  const kept: FilterClause[] = [];
  const others: string[] = [];
  let [patterns, characters] = [0, 0];
  for (const { clause, size } of sized) {
    patterns += size.patterns;
    characters += size.characters;
    if (patterns <= most.patterns && characters <= most.characters) kept.push(clause);
    else others.push(...clause.projects);
  }
  return { clauses: kept, others };
}

/** Which names of a project are granted; undefined where patterns don't tell. */
function namesIn(
  policy: CompiledPolicy,
  subject: Subject,
  right: Right,
  project: string,
  rests: Map<string, Names | undefined>,
): Names | undefined {
  const beginning = `${project}/`;
  const { now, good } = scopesOf(policy, projectOf(right.resource, beginning));
  const within = (scope: PolicyScope): Names | undefined => {
    const scoped = subjectIn(scope, subject);
    return someOf(
      scoped.names.map((name) => {
        const rules = rulesOf(name, scope, scoped.project, right);
        const restsOf = (effect: 'allow' | 'deny') =>
          someOf(
            rules.filter(({ line }) => line.effect === effect).map((rule) => restOf(rule, beginning, rests)),
          );
        const allowed = restsOf('allow');
        return allowed === 'none' ? 'none' : everyOf([allowed, otherThan(restsOf('deny'))]);
      }),
    );
  };
  const names = within(now);
  return good === undefined || names === 'none' ? names : everyOf([names, within(good)]);
}

/** The rules of one name about a right in a project. */
function rulesOf(
  name: string,
  { base, name: head = '' }: PolicyScope,
  project: ProjectIndex | undefined,
  { resource, action }: Right,
): Rule[] {
  return bucketsFor(name, base, project, resource)
    .flatMap(({ rest, byProject }) => [...rest, ...(byProject.get(head) ?? [])])
    .filter((rule) => rule.action.test(action));
}

/** Expressions that are found in every text. */
const findsAll: ReadonlySet<string> = new Set(['', '.*', '^.*', '.*$']);

/** Which names a rule takes after a beginning; undefined for an expression, which may look at all of the object. */
function restOf(
  { line: { object }, mode, project }: Rule,
  beginning: string,
  rests: Map<string, Names | undefined>,
): Names | undefined {
  if (mode === 'regex') return findsAll.has(object) ? 'all' : undefined;
  // Where the one slash of the beginning meets the first one of the pattern, the rest is the same for every project.
  const isSame =
    beginning.indexOf('/') === beginning.length - 1 && (project !== undefined || object.startsWith('*/'));
  const key = isSame ? object : `${beginning} ${object}`;
  if (!rests.has(key)) rests.set(key, restOfGlob(object, beginning));
  return rests.get(key);
}
