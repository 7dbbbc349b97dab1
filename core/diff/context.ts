import type { ApplicationSpec } from '../application/spec/spec.ts';
import { annotationList, annotationOption } from '../object/annotated-list.ts';
import { compareOptionsAnnotation } from '../object/annotations.ts';
import type { Settings } from '../settings/settings.ts';
import { parseSyncOptions } from '../sync/options/options.ts';
import type { Tracking } from '../sync/tracking/tracking.ts';
import type { CompareRules } from './rules/rules.ts';

/** How the objects of one application are compared. */
export type CompareContext = {
  readonly rules: CompareRules;
  /** Whether the API server may be asked what an apply would do. */
  readonly asksServer: boolean;
  /** Whether what admission webhooks change beside the manifest counts as a difference. */
  readonly includesWebhooks: boolean;
  /** Whether a sync takes over the fields of former managers. */
  readonly takesOver: boolean;
  /** Whose objects they are: what only another way of marking them has written is no difference. */
  readonly owner: { readonly instance: string; readonly tracking: Tracking };
};

/** What of an application decides comparisons. */
export type ComparedApplication = {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: Pick<ApplicationSpec, 'ignoreDifferences' | 'syncPolicy'>;
};

/** Reads an application's own words about comparisons; `instance` is its name as tracking ids use it. */
export function compareContext(
  settings: Settings,
  application: ComparedApplication,
  instance: string,
): CompareContext {
  const annotated = { metadata: { annotations: application.annotations } };
  const option = (name: string): string | undefined =>
    annotationOption(annotated, compareOptionsAnnotation, name);
  return {
    rules: compareRules(settings, application.spec),
    asksServer: (option('ServerSideDiff') ?? String(settings.serverSideDiff)) !== 'false',
    includesWebhooks: option('IncludeMutationWebhook') === 'true',
    takesOver: parseSyncOptions(application.spec.syncPolicy?.syncOptions ?? []).clientSideApplyMigration,
    owner: { instance, tracking: settings.tracking },
  };
}

/** What an installation and an application leave out of comparisons. */
export function compareRules(
  { overrides, ignoredStatus, ignoreAggregatedRoles }: Settings,
  { ignoreDifferences = [] }: Pick<ApplicationSpec, 'ignoreDifferences'>,
): CompareRules {
  return { settings: { overrides, ignoredStatus, ignoreAggregatedRoles }, ignoreDifferences };
}

/** Whether an object that is not desired may stay without making its application OutOfSync. */
export function ignoresExtraneous(live: Parameters<typeof annotationList>[0]): boolean {
  return annotationList(live, compareOptionsAnnotation).includes('IgnoreExtraneous');
}
