import type { ObjectRef } from '../../../core/wire/requests/applications.ts';
import type { SyncBody } from '../../../core/wire/sync.ts';

/** What the sync panel asks for. */
export type SyncDraft = {
  /** One for each source. */
  readonly revisions: readonly string[];
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
export function draftOf(revisions: readonly string[], specOptions: readonly string[]): SyncDraft {
  const propagation = specOptions
    .find((option) => option.startsWith(propagationName))
    ?.slice(propagationName.length);
  return {
    revisions,
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

/** What the panel knows of the application's spec. */
export type SyncedSpec = {
  /** One for each source. */
  readonly targetRevisions: readonly string[];
  /** Whether it has the list form of sources. */
  readonly several: boolean;
  readonly syncOptions: readonly string[];
};

/** The request that a draft stands for. Options of the spec that the panel has no switch for are passed on. */
export function syncBodyOf(draft: SyncDraft, resources: ReadonlyMap<string, ObjectRef>, spec: SyncedSpec) {
  const force = { force: draft.force };
  return {
    ...revisionsOf(draft, spec),
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
  } satisfies SyncBody;
}

/** The spec's own revisions are left to the server: automated applications refuse any revision that is named. */
function revisionsOf(draft: SyncDraft, spec: SyncedSpec) {
  const changed = draft.revisions
    .map((text, index) => ({ revision: text.trim(), position: index + 1 }))
    .filter(({ revision, position }) => revision !== '' && revision !== spec.targetRevisions[position - 1]);
  const [first] = changed;
  if (first === undefined) return {};
  if (!spec.several) return { revision: first.revision };
  return {
    revisions: changed.map(({ revision }) => revision),
    sourcePositions: changed.map(({ position }) => position),
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
  resources: ReadonlyMap<string, ObjectRef>,
): readonly ObjectRef[] | null {
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
