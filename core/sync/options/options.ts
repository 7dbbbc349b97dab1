import {
  type Annotated,
  annotationList,
  annotationOption,
  optionValue,
} from '../../object/annotated-list.ts';
import { syncOptionsAnnotation } from '../../object/annotations.ts';
import type { ApplyStrategy, PlanStep } from '../plan/plan.ts';

/** Whether an object that should go does: `confirm` asks somebody first. */
export type PruneChoice = 'yes' | 'no' | 'confirm';

/** Sync options of an application or a request, as they apply to every object. */
export type SyncOptions = {
  readonly createNamespace: boolean;
  readonly prune: PruneChoice;
  readonly pruneLast: boolean;
  readonly validate: boolean;
  readonly replace: boolean;
  readonly serverSideApply: boolean;
  readonly applyOutOfSyncOnly: boolean;
  readonly skipDryRunOnMissingResource: boolean;
  readonly respectIgnoreDifferences: boolean;
  readonly failOnSharedResource: boolean;
  readonly clientSideApplyMigration: boolean;
  readonly propagationPolicy: NonNullable<PlanStep['propagationPolicy']>;
  readonly delete: PruneChoice;
};

/** Reads options; words are matched exactly, unknown ones have no effect. */
export function parseSyncOptions(options: readonly string[]): SyncOptions {
  const has = (option: string): boolean => options.includes(option);
  return {
    createNamespace: has('CreateNamespace=true'),
    prune: choiceOf(optionValue(options, 'Prune')),
    pruneLast: has('PruneLast=true'),
    validate: !has('Validate=false'),
    replace: has('Replace=true'),
    serverSideApply: !has('ServerSideApply=false'),
    applyOutOfSyncOnly: has('ApplyOutOfSyncOnly=true'),
    skipDryRunOnMissingResource: has('SkipDryRunOnMissingResource=true'),
    respectIgnoreDifferences: has('RespectIgnoreDifferences=true'),
    failOnSharedResource: has('FailOnSharedResource=true'),
    clientSideApplyMigration: !has('ClientSideApplyMigration=false'),
    propagationPolicy: propagationOf(optionValue(options, 'PrunePropagationPolicy')),
    delete: choiceOf(optionValue(options, 'Delete')),
  };
}

function choiceOf(value: string | undefined): PruneChoice {
  if (value === 'false') return 'no';
  return value === 'confirm' ? 'confirm' : 'yes';
}

function propagationOf(value: string | undefined): SyncOptions['propagationPolicy'] {
  return value === 'background' || value === 'orphan' ? value : 'foreground';
}

/** Whether an object's own options contain a word such as `Replace=true`. */
export function hasObjectOption(object: Annotated, option: string): boolean {
  return annotationList(object, syncOptionsAnnotation).includes(option);
}

/** What is said of an object that stays by its own or its application's choice, whatever is asked for. */
export const keptByChoice = 'ignored (no prune)';

/** What becomes of an object that is no longer desired: its own word counts before the application's. */
export function pruneChoice(live: Annotated, options: SyncOptions): PruneChoice {
  const own = annotationOption(live, syncOptionsAnnotation, 'Prune');
  return own === undefined ? options.prune : choiceOf(own);
}

/** What becomes of an object when its application is deleted. */
export function deleteChoice(object: Annotated, options: SyncOptions): PruneChoice {
  const own = annotationOption(object, syncOptionsAnnotation, 'Delete');
  return own === undefined ? options.delete : choiceOf(own);
}

/** Whether the fields of an object are validated strictly. */
export function isValidated(desired: Annotated, options: SyncOptions): boolean {
  return options.validate && !hasObjectOption(desired, 'Validate=false');
}

/** Whether an object is deleted only after all waves. */
export function isPrunedLast(live: Annotated, options: SyncOptions): boolean {
  return options.pruneLast || hasObjectOption(live, 'PruneLast=true');
}

/** Whether what the API server refuses to change is deleted and created anew; no option of applications says so. */
export function isForced(desired: Annotated, live: Annotated | undefined, requested: boolean): boolean {
  const word = 'Force=true';
  return requested || hasObjectOption(desired, word) || (live !== undefined && hasObjectOption(live, word));
}

/** Whether fields that other tools applied become ours. */
export function isMigrated(desired: Annotated, options: SyncOptions): boolean {
  return options.clientSideApplyMigration && !hasObjectOption(desired, 'ClientSideApplyMigration=false');
}

/**
 * How an object is written: Replace comes before everything and replaces only what exists; `ServerSideApply=false`
 * merges on the client, the object's own word before the application's.
 */
export function applyStrategy(
  desired: Annotated,
  live: Annotated | undefined,
  options: SyncOptions,
): ApplyStrategy {
  const word = 'Replace=true';
  const replaced =
    options.replace || hasObjectOption(desired, word) || (live !== undefined && hasObjectOption(live, word));
  if (!replaced) {
    const own = annotationOption(desired, syncOptionsAnnotation, 'ServerSideApply');
    const serverSide = own === undefined ? options.serverSideApply : own !== 'false';
    return serverSide ? 'server-side' : 'client-side';
  }
  return live === undefined ? 'create' : 'replace';
}
