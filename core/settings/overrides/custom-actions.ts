import { z } from 'zod';
import type { CustomActions } from '../settings.ts';
import type { Report } from '../words/problem.ts';
import { listOf, readAs, readYamlAs } from '../words/read-value.ts';

const Actions = z.strictObject({
  'discovery.lua': z.string().nullish(),
  definitions: listOf(z.strictObject({ name: z.string().min(1), 'action.lua': z.string().min(1) })),
  mergeBuiltinActions: z.boolean().nullish(),
});

/** The actions of an override: YAML in a text, or the map itself. */
export function readCustomActions(value: unknown, report: Report): CustomActions | undefined {
  const actions =
    typeof value === 'string' ? readYamlAs(Actions, value, report) : readAs(Actions, value, report);
  if (actions === undefined) return undefined;
  const names = actions.definitions.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    report(`defines action ${twice} twice; remove one`, 'definitions');
    return undefined;
  }
  return {
    discoveryLua: actions['discovery.lua'] ?? '',
    definitions: actions.definitions.map((one) => ({ name: one.name, lua: one['action.lua'] })),
    mergeBuiltin: actions.mergeBuiltinActions ?? false,
  };
}
