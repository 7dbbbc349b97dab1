import { automationOf } from '../../core/application/automation/automation.ts';
import { shownRevisions } from '../../core/application/source/revisions.ts';
import { sourcesOf } from '../../core/application/source/source.ts';
import type { ApplicationSource } from '../../core/application/source/source-spec.ts';
import type { Application } from '../../core/application/spec/spec.ts';
import type { ResourceResult } from '../../core/application/status.ts';
import type { SyncWindows } from '../../core/wire/sync.ts';
import { formatField, formatTable } from '../terminal/table.ts';
import { formatElapsed } from '../terminal/text.ts';
import { shortRevision } from './render-progress.ts';
import { formatWindows } from './render-windows.ts';

/** `namespace/name`, as lists and messages call an application. */
export function qualifiedName(application: Pick<Application, 'metadata'>): string {
  const { name, namespace } = application.metadata;
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

const listHeader = [
  'NAME',
  'CLUSTER',
  'NAMESPACE',
  'PROJECT',
  'STATUS',
  'HEALTH',
  'SYNCPOLICY',
  'CONDITIONS',
  'REPO',
  'PATH',
  'TARGET',
];

/** The table of `app list`. */
export function formatApplicationList(applications: readonly Application[]): string {
  const rows = applications.map((application) => {
    const { spec, status } = application;
    const [source] = sourcesOf(spec);
    return [
      qualifiedName(application),
      clusterOf(application),
      spec.destination.namespace ?? '',
      spec.project,
      status?.sync?.status ?? 'Unknown',
      status?.health?.status ?? 'Unknown',
      policyWord(application),
      conditionWords(application),
      source?.repoURL ?? '',
      source?.path ?? '',
      source?.targetRevision ?? '',
    ];
  });
  return formatTable(listHeader, rows);
}

function clusterOf(application: Application): string {
  const { server, name } = application.spec.destination;
  return server || name || '';
}

function policyWord(application: Application): string {
  const automated = automationOf(application.spec.syncPolicy);
  if (automated === undefined) return 'Manual';
  return automated.prune ? 'Auto-Prune' : 'Auto';
}

function conditionWords(application: Application): string {
  const counts = new Map<string, number>();
  for (const { type } of application.status?.conditions ?? []) counts.set(type, (counts.get(type) ?? 0) + 1);
  if (counts.size === 0) return '<none>';
  return [...counts].map(([type, count]) => (count === 1 ? type : `${type}(${count})`)).join(',');
}

/** What the summary shows besides the application itself. */
export type SummaryExtras = {
  readonly url: string;
  readonly windows: SyncWindows;
  /** Instead of all. */
  readonly sources?: readonly ApplicationSource[];
};

/** The upper part of `app get`. */
export function formatSummary(application: Application, extras: SummaryExtras): string {
  const { spec } = application;
  const several = (spec.sources?.length ?? 0) > 0;
  const automated = automationOf(application.spec.syncPolicy);
  const policy = automated === undefined ? 'Manual' : `Automated${automated.prune ? ' (Prune)' : ''}`;
  return [
    formatField('Name', qualifiedName(application)),
    formatField('Project', spec.project),
    formatField('Server', clusterOf(application)),
    formatField('Namespace', spec.destination.namespace ?? ''),
    formatField('URL', extras.url),
    several ? 'Sources:\n' : 'Source:\n',
    ...(extras.sources ?? sourcesOf(spec)).map(formatSource),
    formatWindows(extras.windows),
    formatField('Sync Policy', policy),
    formatField('Sync Status', syncWords(application)),
    formatField('Health Status', healthWords(application)),
  ].join('');
}

function formatSource(source: ApplicationSource): string {
  const fields: readonly [string, string | undefined][] = [
    ['- Repo', source.repoURL],
    ['  Target', source.targetRevision ?? ''],
    ['  Path', source.path],
    ['  Chart', source.chart],
    ['  Ref', source.ref],
    ['  Helm Values', source.helm?.valueFiles?.join(',')],
    ['  Name Prefix', source.kustomize?.namePrefix],
  ];
  const shown = fields.filter(([label, value]) => label === '  Target' || Boolean(value));
  return shown.map(([label, value]) => formatField(label, value ?? '')).join('');
}

/** What a source sets by name; empty without any. */
export function formatParameters({ helm, kustomize }: ApplicationSource): string {
  const rows = [
    ...(helm?.parameters ?? []).map(({ name, value }) => [name, value ?? '']),
    ...(kustomize?.images ?? []).map((image) => ['image', image]),
  ];
  return rows.length === 0 ? '' : formatTable(['NAME', 'VALUE'], rows);
}

function syncWords(application: Application): string {
  const sync = application.status?.sync;
  if (sync === undefined) return 'Unknown';
  const [first, ...more] = sourcesOf(application.spec).map((source) => source.targetRevision ?? '');
  const target =
    more.length === 0 ? (first ?? '') : [first, ...more].map((revision) => revision || 'HEAD').join(', ');
  const link = { Synced: 'to', OutOfSync: 'from', Unknown: '' }[sync.status];
  const words = [sync.status, ...(link === '' || target === '' ? [] : [link, target])];
  const revision = sync.revision ?? sync.revisions?.join() ?? '';
  const isCommit = /^[0-9a-f]{7,40}$/.test(target);
  if (!isCommit && revision.length > 7) words.push(`(${shownRevisions(sync)})`);
  return words.join(' ');
}

function healthWords(application: Application): string {
  const health = application.status?.health;
  const status = health?.status ?? 'Unknown';
  return health?.message === undefined || health.message === '' ? status : `${status} (${health.message})`;
}

/** The last or running operation of an application as its status tells it. */
export function formatOperationState(application: Application): string {
  const state = application.status?.operationState;
  if (state === undefined) return '';
  const finished = state.finishedAt ?? '';
  const duration = finished === '' ? '' : formatElapsed(Date.parse(finished) - Date.parse(state.startedAt));
  return [
    formatField('Operation', state.operation.sync === undefined ? '' : 'Sync'),
    formatField('Sync Revision', state.syncResult?.revision ?? state.syncResult?.revisions?.join(', ') ?? ''),
    formatField('Phase', state.phase),
    formatField('Start', state.startedAt),
    formatField('Finished', finished),
    formatField('Duration', duration),
    formatField('Message', state.message ?? ''),
  ].join('');
}

/** The conditions of an application; empty without any. */
export function formatConditions(application: Application): string {
  const conditions = application.status?.conditions ?? [];
  if (conditions.length === 0) return '';
  const rows = conditions.map((one) => [one.type, one.message, one.lastTransitionTime ?? '']);
  return formatTable(['CONDITION', 'MESSAGE', 'LAST TRANSITION'], rows);
}

const resourceHeader = ['GROUP', 'KIND', 'NAMESPACE', 'NAME', 'STATUS', 'HEALTH', 'HOOK', 'MESSAGE'];

/** Every object of an application with its state, and what the last sync said about it. */
export function formatResources(application: Application): string {
  return formatTable(resourceHeader, resourceRows(application));
}

/** The cells of the resource table: objects first, then the hooks and pruned objects of the last sync. */
export function resourceRows(application: Application): string[][] {
  const { status } = application;
  const results = new Map(
    (status?.operationState?.syncResult?.resources ?? []).map((one) => [refId(one), one]),
  );
  const rows: string[][] = [];
  for (const one of status?.resources ?? []) {
    const result = results.get(refId(one));
    results.delete(refId(one));
    rows.push([...refCells(one), one.status ?? '', one.health?.status ?? '', ...resultCells(result)]);
  }
  for (const result of results.values()) {
    const word = result.hookType ? result.hookPhase : result.status;
    rows.push([...refCells(result), word ?? '', '', ...resultCells(result)]);
  }
  return rows;
}

function resultCells(result: ResourceResult | undefined): string[] {
  return [result?.hookType ?? '', result?.message ?? ''];
}

type Ref = {
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
};

function refCells(ref: Ref): string[] {
  return [ref.group, ref.kind, ref.namespace, ref.name].map((part) => part ?? '');
}

function refId(ref: Ref): string {
  return refCells(ref).join('/');
}

/** The syncs that can be rolled back to, grouped by the repository that they came from. */
export function formatHistory(application: Application): string {
  const bySource = new Map<string, string[][]>();
  for (const entry of application.status?.history ?? []) {
    const sources = entry.sources ?? (entry.source === undefined ? [] : [entry.source]);
    for (const [index, source] of sources.entries()) {
      const revision = entry.sources === undefined ? entry.revision : entry.revisions?.[index];
      const rows = bySource.get(source.repoURL) ?? [];
      bySource.set(source.repoURL, rows);
      rows.push([String(entry.id), entry.deployedAt, revisionWords(source.targetRevision ?? '', revision)]);
    }
  }
  const tables = [...bySource].map(([repoURL, rows]) => {
    return `SOURCE  ${repoURL}\n${formatTable(['ID', 'DATE', 'REVISION'], rows)}`;
  });
  return tables.length === 0 ? formatTable(['ID', 'DATE', 'REVISION'], []) : tables.join('\n');
}

function revisionWords(target: string, revision: string | undefined): string {
  if (revision === undefined || revision.length < 7) return target;
  const short = shortRevision(revision);
  return target === '' ? short : `${target} (${short})`;
}
