import { z } from 'zod';
import type { IgnoreRules } from '../settings.ts';
import type { Report } from '../words/problem.ts';
import { listOf, readAs, readYamlAs } from '../words/read-value.ts';

const texts = listOf(z.string());

const Rules = z
  .strictObject({ jsonPointers: texts, jqPathExpressions: texts, managedFieldsManagers: texts })
  .nullish()
  .transform((rules) => rules ?? { jsonPointers: [], jqPathExpressions: [], managedFieldsManagers: [] });

/** `ignoreDifferences` or `ignoreResourceUpdates` of an override: YAML in a text, or the map itself. */
export function readIgnoreRules(value: unknown, report: Report): IgnoreRules | undefined {
  const rules = typeof value === 'string' ? readYamlAs(Rules, value, report) : readAs(Rules, value, report);
  if (rules === undefined) return undefined;
  const bad = rules.jsonPointers.filter((pointer) => pointer !== '' && !pointer.startsWith('/'));
  for (const pointer of bad) {
    report(`has "${pointer}", which is no JSON pointer; start it with /`, 'jsonPointers');
  }
  return bad.length === 0 ? rules : undefined;
}
