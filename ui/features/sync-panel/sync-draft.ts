import type { NodeRef, SyncBody } from '../../api-types.ts';

/** What the sync panel asks for. */
export type SyncDraft = {
  readonly revision: string;
  readonly prune: boolean;
  readonly dryRun: boolean;
  readonly applyOnly: boolean;
  readonly force: boolean;
  readonly options: ReadonlySet<SyncOption>;
  readonly propagation: 'foreground' | 'background' | 'orphan';
  readonly retry: boolean;
  readonly retryLimit: number;
  /** Ids of the chosen objects; undefined means every object. */
  readonly chosen: ReadonlySet<string> | undefined;
};

/** Switches of the panel with the sync option that each one sets. */
export const syncOptions = [
  { option: 'Validate=false', text: 'Skip schema validation' },
  { option: 'CreateNamespace=true', text: 'Create namespace' },
  { option: 'PruneLast=true', text: 'Prune last' },
  { option: 'ApplyOutOfSyncOnly=true', text: 'Apply out of sync only' },
  { option: 'RespectIgnoreDifferences=true', text: 'Respect ignore differences' },
  { option: 'ServerSideApply=true', text: 'Server-side apply' },
  { option: 'Replace=true', text: 'Replace' },
] as const;
type SyncOption = (typeof syncOptions)[number]['option'];

const propagationName = 'PrunePropagationPolicy=';

/** The panel as it opens: what the application's own options say, and every object chosen. */
export function draftOf(revision: string, specOptions: readonly string[]): SyncDraft {
  const propagation = specOptions
    .find((option) => option.startsWith(propagationName))
    ?.slice(propagationName.length);
  return {
    revision,
    prune: false,
    dryRun: false,
    applyOnly: false,
    force: false,
    options: new Set(
      syncOptions.map(({ option }) => option).filter((option) => specOptions.includes(option)),
    ),
    propagation: propagation === 'background' || propagation === 'orphan' ? propagation : 'foreground',
    retry: false,
    retryLimit: 2,
    chosen: undefined,
  };
}

/** The request that a draft stands for. Options of the spec that the panel has no switch for are passed on. */
export function syncBodyOf(
  draft: SyncDraft,
  resources: ReadonlyMap<string, NodeRef>,
  spec: { readonly targetRevision: string; readonly syncOptions: readonly string[] },
): SyncBody {
  const force = { force: draft.force };
  const revision = draft.revision.trim();
  return {
    // The spec's own revision is left to the server: automated applications refuse any revision that is named.
    ...(revision === '' || revision === spec.targetRevision ? {} : { revision }),
    dryRun: draft.dryRun,
    prune: draft.prune,
    strategy: draft.applyOnly ? { apply: force } : { hook: force },
    resources: chosenResources(draft.chosen, resources),
    syncOptions: {
      items: [...optionsWithoutSwitch(spec.syncOptions), ...draft.options, ...propagationOf(draft)],
    },
    ...(draft.retry
      ? {
          retryStrategy: {
            limit: draft.retryLimit,
            backoff: { duration: '5s', factor: 2, maxDuration: '3m0s' },
          },
        }
      : {}),
  };
}

/** What the user should agree to before such a sync starts. */
export function warningsOf(draft: SyncDraft, allCount: number): readonly string[] {
  const warnings: string[] = [];
  if (draft.options.has('Replace=true')) warnings.push('Replace overwrites objects and may recreate them.');
  if (draft.force) warnings.push('Force deletes and recreates objects that cannot be patched.');
  if (draft.chosen !== undefined && draft.chosen.size < allCount) {
    warnings.push('A sync of some objects runs no hooks and is not kept for rollbacks.');
  }
  return warnings;
}

function chosenResources(
  chosen: ReadonlySet<string> | undefined,
  resources: ReadonlyMap<string, NodeRef>,
): readonly NodeRef[] | null {
  if (chosen === undefined || chosen.size === resources.size) return null;
  return [...chosen].flatMap((id) => resources.get(id) ?? []);
}

function optionsWithoutSwitch(options: readonly string[]): readonly string[] {
  const switched = new Set(syncOptions.map(({ option }) => nameOf(option)));
  return options.filter((option) => !switched.has(nameOf(option)) && !option.startsWith(propagationName));
}

function propagationOf(draft: SyncDraft): readonly string[] {
  return draft.propagation === 'foreground' ? [] : [propagationName + draft.propagation];
}

function nameOf(option: string): string {
  return option.split('=')[0] ?? option;
}
