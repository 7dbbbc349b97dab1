import type { Issue } from '../../issue.ts';
import { formatJson } from '../../object/json/json.ts';
import { isGlob } from '../../text/glob.ts';
import type {
  AppProject,
  ProjectDestination,
  ProjectKind,
  ProjectRole,
  ProjectSpec,
  SyncWindow,
} from '../project.ts';
import { faultOfRoleName, readGroup, readRolePolicy } from '../roles/roles.ts';
import { isServiceAccount } from '../roles/service-account.ts';
import { isTimeZone } from '../window/time-zone.ts';
import { readWindow } from '../window/window.ts';
import { kindPattern } from './kind-pattern.ts';
import { namespacePatternFault, unreadablePattern } from './namespace-pattern.ts';
import { isSourcePattern } from './source-pattern.ts';

/** Checks the rules that field types cannot say; returns every breach with its remedy. */
export function checkProject(project: AppProject): Issue[] {
  const { metadata, spec } = project;
  return [
    ...checkName(metadata.name),
    ...each('spec.sourceRepos', spec.sourceRepos, checkSource),
    ...repeated('spec.sourceRepos', spec.sourceRepos),
    ...each('spec.destinations', spec.destinations, checkDestination),
    ...repeated('spec.destinations', spec.destinations),
    ...each('spec.sourceNamespaces', spec.sourceNamespaces, checkNamespace),
    ...kindLists.flatMap((list) => each(`spec.${list}`, spec[list], checkKind)),
    ...each('spec.roles', spec.roles, (role, path) => checkRole(metadata.name, role, path)),
    ...repeated(
      'spec.roles',
      spec.roles?.map(({ name }) => name),
      'name',
    ),
    ...each('spec.syncWindows', spec.syncWindows, checkWindow),
    ...repeated('spec.syncWindows', spec.syncWindows?.map(whatCounts)),
    ...each('spec.destinationServiceAccounts', spec.destinationServiceAccounts, (one, path) =>
      isServiceAccount(one.defaultServiceAccount.trim())
        ? []
        : issue(`${path}.defaultServiceAccount`, 'names no account; write a name or namespace:name'),
    ),
  ];
}

const kindLists = [
  'clusterResourceWhitelist',
  'clusterResourceBlacklist',
  'namespaceResourceWhitelist',
  'namespaceResourceBlacklist',
] as const satisfies readonly (keyof ProjectSpec)[];

function issue(path: string, message: string): Issue[] {
  return [{ path, message }];
}

function each<T>(
  path: string,
  list: readonly T[] | undefined,
  check: (one: T, path: string) => readonly Issue[],
): Issue[] {
  return (list ?? []).flatMap((one, at) => check(one, `${path}[${at}]`));
}

/** Entries that say the same as one before them. */
function repeated(path: string, list: readonly unknown[] | undefined, field = ''): Issue[] {
  const first = new Map<string, number>();
  return (list ?? []).flatMap((one, at) => {
    const text = formatJson(one);
    const before = first.get(text);
    if (before === undefined) {
      first.set(text, at);
      return [];
    }
    const place = `${path}[${at}]${field === '' ? '' : `.${field}`}`;
    return issue(place, `says the same as ${path}[${before}]; remove one of them`);
  });
}

function checkName(name: string): Issue[] {
  if (/^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/.test(name) && name.length <= 253) return [];
  return issue(
    'metadata.name',
    `"${name}" is not a valid name of a project; use at most 253 lower-case letters, digits, "-" and "."`,
  );
}

const denyingAll = 'denies everything; remove it, for what is not listed is not permitted';

function checkSource(pattern: string, path: string): Issue[] {
  if (pattern === '!*') return issue(path, denyingAll);
  if (pattern.trim() === '') return issue(path, 'is empty; write an address, or * for every one');
  return isSourcePattern(pattern.replace(/^!/, '')) ? [] : issue(path, unreadablePattern(pattern));
}

function checkDestination(destination: ProjectDestination, path: string): Issue[] {
  const { server = '', name = '' } = destination;
  if (server === '' && name === '')
    return issue(path, 'names no cluster; set server or name, or * for every one');
  return (['server', 'name', 'namespace'] as const).flatMap((field) => {
    const pattern = destination[field] ?? '';
    if (pattern === '!*') return issue(`${path}.${field}`, denyingAll);
    return isGlob(pattern.replace(/^!/, '')) ? [] : issue(`${path}.${field}`, unreadablePattern(pattern));
  });
}

function checkNamespace(pattern: string, path: string): Issue[] {
  const fault = namespacePatternFault(pattern);
  return fault === undefined ? [] : issue(path, fault);
}

function checkKind(item: ProjectKind, path: string): Issue[] {
  return (['group', 'kind', 'name'] as const).flatMap((field) => {
    const pattern = item[field] ?? '';
    return kindPattern(pattern) === undefined ? issue(`${path}.${field}`, unreadablePattern(pattern)) : [];
  });
}

function checkRole(project: string, role: ProjectRole, path: string): Issue[] {
  const fault = faultOfRoleName(role.name);
  return [
    ...(fault === undefined ? [] : issue(`${path}.name`, fault)),
    ...each(`${path}.policies`, role.policies, (policy, place) => {
      const read = readRolePolicy({ project, role: role.name }, policy);
      return read.fault === undefined ? [] : issue(place, read.fault);
    }),
    ...repeated(`${path}.policies`, role.policies),
    ...each(`${path}.groups`, role.groups, (group, place) =>
      readGroup(group) === undefined
        ? issue(place, 'is not a group; write a name, in quotes if it has a comma')
        : [],
    ),
    ...repeated(`${path}.groups`, role.groups),
  ];
}

const longestDescription = 255;

function checkWindow(window: SyncWindow, path: string): Issue[] {
  const { fault } = readWindow(window);
  const { applications = [], namespaces = [], clusters = [], description = '' } = window;
  const lists = { applications, namespaces, clusters };
  return [
    ...(fault === undefined ? [] : issue(`${path}.${fault.field}`, fault.message)),
    ...(applications.length + namespaces.length + clusters.length === 0
      ? issue(path, 'is for nothing; set applications, namespaces or clusters')
      : []),
    ...Object.entries(lists).flatMap(([field, globs]) =>
      each(`${path}.${field}`, globs, (glob, place) =>
        isGlob(glob) ? [] : issue(place, unreadablePattern(glob)),
      ),
    ),
    ...(description.length > longestDescription
      ? issue(`${path}.description`, `is longer than ${longestDescription} characters; shorten it`)
      : []),
  ];
}

/** By what two windows are the same one, whatever they are called and let through. */
function whatCounts(window: SyncWindow): unknown {
  const { kind, schedule, duration, timeZone, applications, namespaces, clusters, andOperator } = window;
  return [kind, schedule, duration, timeZone, applications, namespaces, clusters, andOperator];
}

/** What is taken otherwise than it reads. */
export function noteProject({ spec }: AppProject): Issue[] {
  return each('spec.syncWindows', spec.syncWindows, ({ timeZone = '' }, path) =>
    isTimeZone(timeZone)
      ? []
      : issue(
          `${path}.timeZone`,
          `"${timeZone.slice(0, 100)}" is not a time zone and is taken as UTC; write one such as Asia/Tokyo`,
        ),
  );
}
