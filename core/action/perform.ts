import { KeelsonError } from '../errors.ts';
import { formatJson } from '../object/json/json.ts';
import { formatKey, keyId } from '../object/key.ts';
import { isFields, isManifest } from '../object/manifest/check-manifest.ts';
import { keyOf, type Manifest } from '../object/manifest/manifest.ts';
import type { Settings } from '../settings/settings.ts';
import type { ActionValues, Impact } from './action.ts';
import { builtinActionOf } from './builtin.ts';
import { type ActionOverride, actionOverrideOf } from './discover.ts';
import { restoreShape } from './restore-shape.ts';
import { type RunScript, scriptError } from './script.ts';

export type ActionCall = {
  readonly name: string;
  readonly values: ActionValues;
  /** RFC 3339 in UTC, in seconds. */
  readonly now: string;
};

/**
 * What an action wants done with an object; nothing is changed by it. The installation's definition comes before a
 * built-in action of the same name, which can be run even where it is not offered.
 */
export async function performAction(
  settings: Pick<Settings, 'overrides'>,
  live: Manifest,
  { name, values, now }: ActionCall,
  run: RunScript,
): Promise<readonly Impact[]> {
  const override = actionOverrideOf(settings, live);
  const definition = override?.actions.definitions.find((one) => one.name === name);
  if (override !== undefined && definition !== undefined) {
    return performScript(override, live, definition, values, run);
  }
  const builtin = builtinActionOf(live, name);
  if (builtin !== undefined) return builtin.run(live, { values, now });
  throw new KeelsonError(
    'invalid-argument',
    `${formatKey(keyOf(live))}: has no action ${name}; list its actions for the names`,
  );
}

const scriptName = 'action.lua';

async function performScript(
  override: ActionOverride,
  live: Manifest,
  { lua }: { readonly lua: string },
  values: ActionValues,
  run: RunScript,
): Promise<Impact[]> {
  const answer = await run({
    name: scriptName,
    script: lua,
    globals: { obj: live, actionParams: values },
  });
  const fail = (why: string): KeelsonError => scriptError(live, override, why);
  if (!answer.ok) throw fail(answer.message);
  const { value } = answer;
  if (!Array.isArray(value)) return [{ operation: 'patch', manifest: patched(value, live, fail) }];
  return value.map((entry) => readImpact(entry, live, fail));
}

type Fail = (why: string) => KeelsonError;

function readImpact(entry: unknown, live: Manifest, fail: Fail): Impact {
  const { operation, resource } = isFields(entry) ? entry : {};
  if (operation === 'patch') return { operation, manifest: patched(resource, live, fail) };
  if (operation === 'create') return { operation, manifest: created(resource, fail) };
  throw fail(
    `${scriptName}: result has operation ${formatJson(operation ?? null)}; return the object, or a list of {operation = "patch" or "create", resource = object}`,
  );
}

function patched(resource: unknown, live: Manifest, fail: Fail): Manifest {
  const restored = restoreShape(resource, live);
  if (!isManifest(restored)) throw fail(`${scriptName}: result is not an object; return obj`);
  if (keyId(keyOf(restored)) !== keyId(keyOf(live)) || restored.apiVersion !== live.apiVersion) {
    throw fail(
      `${scriptName}: result patches ${formatKey(keyOf(restored))}; an action may patch only the object it is run on`,
    );
  }
  return restored;
}

function created(resource: unknown, fail: Fail): Manifest {
  if (!isManifest(resource))
    throw fail(`${scriptName}: result to create is not an object; set apiVersion, kind and metadata`);
  const { name, generateName, labels, annotations, ...metadata } = resource.metadata;
  if (!name && !generateName) throw fail(`${scriptName}: result to create has no metadata.name`);
  return {
    ...resource,
    metadata: {
      ...metadata,
      ...(name ? { name } : { generateName: generateName ?? '' }),
      // An empty table of a script is a list, which these fields can't be.
      ...(isFields(labels) ? { labels } : {}),
      ...(isFields(annotations) ? { annotations } : {}),
    },
  };
}
