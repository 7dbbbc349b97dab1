import { ownField } from '../../core/own-field.ts';
import type { AppProject, ProjectRole, RoleToken, SyncWindow } from '../../core/project/project.ts';
import { isActive, readWindow } from '../../core/project/window/window.ts';
import { formatTime } from '../../core/text/time.ts';
import type { ProjectDetails } from '../../core/wire/project.ts';
import { formatTable } from '../terminal/table.ts';
import { padText, plainText } from '../terminal/text.ts';

const listHeader = [
  'NAME',
  'DESCRIPTION',
  'DESTINATIONS',
  'SOURCES',
  'CLUSTER-RESOURCE-WHITELIST',
  'NAMESPACE-RESOURCE-BLACKLIST',
  'SIGNATURE-KEYS',
  'ORPHANED-RESOURCES',
];

/** The table of `proj list`. */
export function formatProjectList(projects: readonly AppProject[]): string {
  const rows = projects.map((project) => {
    const { metadata, spec } = project;
    return [
      metadata.name,
      spec.description ?? '',
      oneOrCount(destinationsOf(project), 'destinations'),
      oneOrCount(spec.sourceRepos ?? [], 'repos'),
      oneOrCount(kindsOf(spec.clusterResourceWhitelist), 'resources'),
      count(spec.namespaceResourceBlacklist, 'resources'),
      count(spec.signatureKeys, 'key(s)'),
      orphanedWords(project),
    ];
  });
  return formatTable(listHeader, rows);
}

function oneOrCount(list: readonly string[], what: string): string {
  return list.length === 1 ? (list[0] ?? '') : count(list, what);
}

function count(list: readonly unknown[] | undefined = [], what: string): string {
  return list.length === 0 ? '<none>' : `${list.length} ${what}`;
}

function destinationsOf({ spec }: AppProject): string[] {
  return (spec.destinations ?? []).map(
    ({ server = '', name = '', namespace = '' }) => `${server === '' ? name : server},${namespace}`,
  );
}

function kindsOf(kinds: AppProject['spec']['clusterResourceWhitelist'] = []): string[] {
  return kinds.map(({ group, kind }) => `${group}/${kind}`);
}

function orphanedWords({ spec: { orphanedResources } }: AppProject): string {
  if (orphanedResources === undefined) return 'disabled';
  const { warn = true, ignore = [] } = orphanedResources;
  return `enabled (warn=${warn}${ignore.length === 0 ? '' : `, ignored ${ignore.length}`})`;
}

const labelWidth = 29;

/** The summary of `proj get`. */
export function formatProject({ project, repositories, clusters }: ProjectDetails): string {
  const { metadata, spec } = project;
  const accounts = (spec.destinationServiceAccounts ?? []).map(
    ({ server, namespace = '', defaultServiceAccount }) => `${server},${namespace},${defaultServiceAccount}`,
  );
  return [
    field('Name', [metadata.name]),
    field('Description', [spec.description ?? '']),
    list('Destinations', destinationsOf(project)),
    list('Repositories', spec.sourceRepos ?? []),
    list(
      'Scoped Repositories',
      repositories.map(({ repo }) => repo),
    ),
    list('Allowed Cluster Resources', kindsOf(spec.clusterResourceWhitelist)),
    list(
      'Scoped Clusters',
      clusters.map(({ server }) => server),
    ),
    list('Denied Namespaced Resources', kindsOf(spec.namespaceResourceBlacklist)),
    field('Signature keys', [(spec.signatureKeys ?? []).map(({ keyID }) => keyID).join(', ') || '<none>']),
    field('Orphaned Resources', [orphanedWords(project)]),
    // What the reference has no line for is told where there is something to tell.
    ...(accounts.length === 0 ? [] : [list('Service Accounts', accounts)]),
    ...(spec.sourceNamespaces === undefined ? [] : [list('Source Namespaces', spec.sourceNamespaces)]),
  ].join('');
}

function list(label: string, values: readonly string[]): string {
  return field(label, values.length === 0 ? ['<none>'] : values);
}

function field(label: string, values: readonly string[]): string {
  return values
    .map((value, at) => `${padText(at === 0 ? `${label}:` : '', labelWidth)}${plainText(value)}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

/** The table of `proj role list`. */
export function formatRoles(roles: readonly ProjectRole[]): string {
  return formatTable(
    ['ROLE-NAME', 'DESCRIPTION'],
    roles.map(({ name, description = '' }) => [name, description]),
  );
}

/** The summary of `proj role get`. */
export function formatRole(project: AppProject, role: ProjectRole): string {
  const line = (label: string, value: string): string => `${padText(label, 15)}${plainText(value)}`.trimEnd();
  const implied = `p, proj:${project.metadata.name}:${role.name}, projects, get, ${project.metadata.name}, allow`;
  const { groups = [], policies = [] } = role;
  const tokens = ownField(project.status?.jwtTokensByRole, role.name)?.items ?? [];
  return [
    line('Role Name:', role.name),
    line('Description:', role.description ?? ''),
    'Policies:',
    ...[implied, ...policies].map(plainText),
    'Groups:',
    ...(groups.length === 0 ? ['<none>'] : groups.map((group) => `  - ${plainText(group)}`)),
    'JWT Tokens:',
    formatTable(
      ['ID', 'ISSUED-AT', 'EXPIRES-AT'],
      tokens.map(({ iat, exp }) => [String(iat), timeOf(iat), exp === undefined ? '<none>' : timeOf(exp)]),
    ),
  ].join('\n');
}

/** When a token was issued or ends, in words. */
export function timeOf(seconds: number | undefined): string {
  return seconds === undefined || seconds === 0 ? 'Never' : formatTime(new Date(seconds * 1000));
}

/** The table of `proj role list-tokens`; with `unix`, times as `delete-token` takes them. */
export function formatTokens(tokens: readonly RoleToken[], { unix }: { readonly unix: boolean }): string {
  const time = unix ? (seconds = 0): string => String(seconds) : timeOf;
  return formatTable(
    ['ID', 'ISSUED AT', 'EXPIRES AT'],
    tokens.map(({ id = '', iat, exp }) => [id, time(iat), time(exp)]),
  );
}

const windowHeader = [
  'ID',
  'STATUS',
  'KIND',
  'SCHEDULE',
  'DURATION',
  'APPLICATIONS',
  'NAMESPACES',
  'CLUSTERS',
  'MANUALSYNC',
  'TIMEZONE',
  'USEANDOPERATOR',
];

/** The table of `proj windows list` as of an instant, in milliseconds. */
export function formatWindows(windows: readonly SyncWindow[], now: number): string {
  const rows = windows.map((window, id) => [
    String(id),
    isActiveNow(window, now) ? 'Active' : 'Inactive',
    window.kind ?? '',
    window.schedule ?? '',
    window.duration ?? '',
    ...[window.applications, window.namespaces, window.clusters].map((globs = []) => globs.join(',') || '-'),
    window.manualSync === true ? 'Enabled' : 'Disabled',
    window.timeZone ?? '',
    window.andOperator === true ? 'Enabled' : 'Disabled',
  ]);
  return formatTable(windowHeader, rows);
}

function isActiveNow(window: SyncWindow, now: number): boolean {
  const read = readWindow(window);
  return read.fault === undefined && isActive(read.opened, now);
}
