import { RE2JS } from 're2js';
import type { PolicyInput } from '../../../core/rbac/policy/compile.ts';

/** What the decisions of `core/rbac` are held against: the same rules without index, cache or shared code. */
type Line = readonly string[];

const builtin: readonly Line[] = [
  ...'applications applicationsets logs'.split(' ').map((one) => p('role:readonly', one, 'get', '*/*')),
  ...'certificates clusters repositories write-repositories projects accounts gpgkeys'
    .split(' ')
    .map((one) => p('role:readonly', one, 'get', '*')),
  ...'create update update/* delete delete/* sync rollback override action/*'
    .split(' ')
    .map((one) => p('role:admin', 'applications', one, '*/*')),
  ...'get create update delete'.split(' ').map((one) => p('role:admin', 'applicationsets', one, '*/*')),
  ...'certificates clusters repositories write-repositories projects'
    .split(' ')
    .flatMap((one) => ['create', 'update', 'delete'].map((action) => p('role:admin', one, action, '*'))),
  p('role:admin', 'accounts', 'update', '*'),
  p('role:admin', 'gpgkeys', 'create', '*'),
  p('role:admin', 'gpgkeys', 'delete', '*'),
  p('role:admin', 'exec', 'create', '*/*'),
  ...'approvals audit drift rollouts settings windows'
    .split(' ')
    .flatMap((one) => [p('role:readonly', one, 'get', '*'), p('role:admin', one, '*', '*')]),
  ['g', 'role:admin', 'role:readonly'],
  ['g', 'admin', 'role:admin'],
];

function p(subject: string, resource: string, action: string, object: string): Line {
  return ['p', subject, resource, action, object, 'allow'];
}

type Fits = (pattern: string, text: string) => boolean;

/** Whether a glob fits, tried by going back. */
function globFits(glob: string, text: string): boolean {
  if (glob === '') return text === '';
  const [head = ''] = glob;
  const rest = glob.slice(1);
  if (head === '*') return globFits(rest, text) || (text !== '' && globFits(glob, text.slice(1)));
  if (head === '{') {
    const end = glob.indexOf('}');
    const choices = glob.slice(1, end).split(',');
    return choices.some((choice) => globFits(choice + glob.slice(end + 1), text));
  }
  if (text === '') return false;
  if (head === '?') return globFits(rest, text.slice(1));
  if (head === '[') {
    const end = glob.indexOf(']');
    const negated = glob[1] === '!';
    const members = glob.slice(negated ? 2 : 1, end);
    return members.includes(text[0] ?? '') !== negated && globFits(glob.slice(end + 1), text.slice(1));
  }
  if (head === '\\') return glob[1] === text[0] && globFits(glob.slice(2), text.slice(1));
  return head === text[0] && globFits(rest, text.slice(1));
}

function expressionFits(expression: string, text: string): boolean {
  return RE2JS.compile(expression).matcher(text).find();
}

function isExpression(text: string): boolean {
  try {
    return RE2JS.compile(text) !== undefined;
  } catch {
    // Safe: that is the question.
    return false;
  }
}

/** The fields of a line; quotes stand around one that has commas. */
function fieldsOf(line: string): string[] {
  const [before = '', quoted, after = ''] = line.split('"');
  if (quoted === undefined) return line.split(',').map((field) => field.trim());
  const fields = (part: string): string[] => part.split(',').map((field) => field.trim());
  return [...fields(before).slice(0, -1), quoted, ...fields(after).slice(1)];
}

const shared = 'applications applicationsets logs exec clusters repositories write-repositories'.split(' ');
const own = 'approvals audit drift rollouts settings windows'.split(' ');

function projectAsked({ resource, object }: Asked, names: readonly string[]): string | undefined {
  if (resource === 'projects') return names.find((name) => name === object);
  if (![...shared, ...own].includes(resource)) return undefined;
  return object.includes('/') ? names.find((name) => object.split('/')[0] === name) : undefined;
}

type Asked = { readonly resource: string; readonly action: string; readonly object: string };

function projectLines(input: PolicyInput, project: string): Line[] {
  const found = input.projects.find(({ metadata }) => metadata.name === project);
  return (found?.spec.roles ?? []).flatMap((role) => {
    const subject = `proj:${project}:${role.name}`;
    const lines = (role.policies ?? []).map(fieldsOf);
    const good = lines.filter(
      ([, who = '', resource = '', , object = '']) =>
        who === subject &&
        [...shared.slice(0, 6), ...own].includes(resource) &&
        object.startsWith(`${project}/`),
    );
    return [
      p(subject, 'projects', 'get', project),
      ...good,
      ...(role.groups ?? []).map((group) => ['g', group, subject]),
    ];
  });
}

/** Whether a subject is granted something. */
export function decideNaively(
  input: PolicyInput,
  { name, groups }: { readonly name: string; readonly groups: readonly string[] },
  asked: Asked,
): boolean {
  const project = projectAsked(
    asked,
    input.projects.map(({ metadata }) => metadata.name),
  );
  const written = input.texts
    .flatMap(({ text }) => text.split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(fieldsOf)
    .filter((line) => line[0] === 'g' || input.mode === 'glob' || line.slice(2, 5).every(isExpression));
  const base = [...builtin, ...written];
  const [head, of, , ...more] = name.split(':');
  const isToken =
    project !== undefined && head === 'proj' && more.length === 0 && name.split(':').length === 3;
  const isForeign = isToken && of !== project;
  const added = project === undefined || isForeign ? [] : projectLines(input, project);
  const lines = [...base, ...added];
  const names = [
    input.defaultRole,
    ...(isForeign ? [] : [name]),
    ...(isToken ? [] : groups.filter((group) => lines.some((line) => line[0] === 'g' && line[1] === group))),
  ];
  const fitsIn = (line: Line): Fits =>
    input.mode === 'regex' && !builtin.includes(line) ? expressionFits : globFits;
  return names
    .filter((one) => one !== '')
    .some((one) => {
      const roles = rolesOf(one, lines);
      const hits = lines.filter(
        (line) =>
          line[0] === 'p' &&
          roles.includes(line[1] ?? '') &&
          fitsIn(line)(line[2] ?? '', asked.resource) &&
          fitsIn(line)(line[3] ?? '', asked.action) &&
          fitsIn(line)(line[4] ?? '', asked.object) &&
          (line[5] === 'deny' || !own.includes(asked.resource) || line[2]?.includes(asked.resource) === true),
      );
      return hits.some((line) => line[5] === 'allow') && !hits.some((line) => line[5] === 'deny');
    });
}

function rolesOf(name: string, lines: readonly Line[]): string[] {
  let roles = [name];
  for (let links = 0; links < 10; links += 1) {
    const next = lines.filter(([kind, member = '']) => kind === 'g' && roles.includes(member));
    roles = [...new Set([...roles, ...next.map(([, , role = '']) => role)])];
  }
  return roles;
}
