import { automationOf } from '../../core/application/automation/automation.ts';
import { isRefOnly, sourcesOf } from '../../core/application/source/source.ts';
import type { ApplicationSource } from '../../core/application/source/source-spec.ts';
import type { Application } from '../../core/application/spec/spec.ts';
import { withoutUser } from '../../core/repository/url-user.ts';
import type { Tone } from '../components/status.tsx';

/** What is going on with an application beyond its two statuses; undefined when nothing is. */
type Activity = { readonly text: string; readonly tone: Tone; readonly busy: boolean };

/** The reference's words for the running or last operation; a good last one needs none. */
export function activityOf(application: Application): Activity | undefined {
  if (application.metadata.deletionTimestamp !== undefined) {
    return { text: 'Deleting', tone: 'stop', busy: true };
  }
  const phase = application.status?.operationState?.phase;
  if (phase === 'Terminating') return { text: 'Terminating', tone: 'stop', busy: true };
  if (application.operation !== undefined || phase === 'Running') {
    return { text: 'Syncing', tone: 'busy', busy: true };
  }
  if (phase === 'Failed') return { text: 'Sync failed', tone: 'bad', busy: false };
  if (phase === 'Error') return { text: 'Sync error', tone: 'bad', busy: false };
  return undefined;
}

/** What became of the last operation, and when; undefined when there was none. */
export function lastSyncOf(
  application: Application,
): { readonly text: string; readonly time: string } | undefined {
  const state = application.status?.operationState;
  if (state === undefined) return undefined;
  const dryRun = state.operation.sync?.dryRun === true;
  const text = lastSyncWords[state.phase] ?? 'sync began';
  return { text: dryRun ? `dry run, ${text}` : text, time: state.finishedAt ?? state.startedAt };
}

const lastSyncWords: Readonly<Record<string, string>> = {
  Succeeded: 'synced',
  Failed: 'sync failed',
  Error: 'sync failed',
};

/** By which rule the application is synced. */
export function policyText(application: Application): string {
  const automated = automationOf(application.spec.syncPolicy);
  if (automated === undefined) return 'Sync policy: manual';
  const extras = [automated.prune ? 'prunes' : '', automated.selfHeal ? 'heals itself' : ''];
  return ['Sync policy: automatic', ...extras].filter((part) => part !== '').join(', ');
}

/** Where the manifests come from, in two short lines. */
export function sourceLinesOf(application: Application): {
  readonly repository: string;
  readonly place: string;
} {
  const sources = sourcesOf(application.spec);
  // A source that only lends its files says little of what an application is.
  const first = sources.find((source) => !isRefOnly(source)) ?? sources[0];
  if (first === undefined) return { repository: 'no source', place: '' };
  const extra = sources.length === 1 ? '' : ` + ${sources.length - 1} more`;
  return { repository: shortRepository(first.repoURL) + extra, place: pathAtRevision(first) };
}

/** What is taken from a source's repository: path or chart, or the name under which it is lent, and the revision. */
export function pathAtRevision(source: ApplicationSource): string {
  const what = source.chart || source.path || (source.ref ? `$${source.ref}` : '');
  return [what, source.targetRevision || 'HEAD'].filter((part) => part !== '').join(' @ ');
}

/** A source of several for people. */
export function sourceTitle(source: ApplicationSource): string {
  const what = source.chart || source.path || (source.ref ? `$${source.ref}` : '');
  return [shortRepository(source.repoURL), what].filter((part) => part !== '').join(' ');
}

/** A repository's address without what all addresses share. */
export function shortRepository(url: string): string {
  // An address as SSH alone has it, `git@host:path`, keeps its user.
  return (url.includes('://') ? withoutUser(url) : url)
    .replace(/^[a-z+]+:\/\//, '')
    .replace(/\.git$/, '')
    .replace(/\/$/, '');
}

export function destinationOf(application: Application): string {
  const { name, server, namespace } = application.spec.destination;
  const inCluster = server === 'https://kubernetes.default.svc' ? 'in-cluster' : server;
  const cluster = name !== undefined && name !== '' ? name : (inCluster ?? 'no cluster');
  return namespace === undefined || namespace === '' ? cluster : `${cluster} / ${namespace}`;
}
