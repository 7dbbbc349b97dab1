import { z } from 'zod';
import { ownField } from '../own-field.ts';
import { defaultSettings, type IgnoredStatus, type Settings } from './settings.ts';
import type { Report } from './words/problem.ts';
import { readYamlAs } from './words/read-value.ts';

const CompareOptions = z
  .strictObject({
    ignoreAggregatedRoles: z.boolean().nullish(),
    // `off` and `none` may come as words or, by YAML's rules, as false.
    ignoreResourceStatusField: z.union([z.string(), z.boolean()]).nullish(),
    ignoreDifferencesOnResourceUpdates: z.boolean().nullish(),
  })
  .nullish();

const statusWords: Readonly<Record<string, IgnoredStatus>> = {
  all: 'all',
  crd: 'crd',
  none: 'none',
  off: 'none',
  false: 'none',
};

type CompareSettings = Pick<
  Settings,
  'ignoredStatus' | 'ignoreAggregatedRoles' | 'ignoreDifferencesOnResourceUpdates'
>;

/** What `resource.compareoptions` sets; undefined, with reports, when it can't be used. */
export function readCompareOptions(text: string, report: Report): CompareSettings | undefined {
  const problems: string[] = [];
  const options = readYamlAs(CompareOptions, text, (message, place, weight) => {
    if (weight === undefined) problems.push(message);
    report(message, place, weight);
  });
  if (problems.length > 0) return undefined;
  const word = String(options?.ignoreResourceStatusField ?? defaultSettings.ignoredStatus);
  const ignoredStatus = ownField(statusWords, word);
  if (ignoredStatus === undefined) {
    report(`is "${word}"; set it to all, crd or none`, 'ignoreResourceStatusField');
    return undefined;
  }
  return {
    ignoredStatus,
    ignoreAggregatedRoles: options?.ignoreAggregatedRoles ?? defaultSettings.ignoreAggregatedRoles,
    ignoreDifferencesOnResourceUpdates:
      options?.ignoreDifferencesOnResourceUpdates ?? defaultSettings.ignoreDifferencesOnResourceUpdates,
  };
}
