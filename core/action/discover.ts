import { isNumber } from '../object/json/json.ts';
import { isFields } from '../object/manifest/check-manifest.ts';
import { groupOf, type Manifest } from '../object/manifest/manifest.ts';
import { overridesOf } from '../settings/overrides/overrides-of.ts';
import type { CustomActions, ResourceOverride, Settings } from '../settings/settings.ts';
import type { ActionOffer, ActionParameter, BuiltinAction } from './action.ts';
import { builtinActionOf, builtinActionsOf, namesOf } from './builtin.ts';
import { type RunScript, scriptError } from './script.ts';

/** An override that brings actions of its own. */
export type ActionOverride = ResourceOverride & { readonly actions: CustomActions };

type OverrideSettings = Pick<Settings, 'overrides'>;

/** The override whose actions hold for an object's kind: an exact one before globs. */
export function actionOverrideOf(settings: OverrideSettings, live: Manifest): ActionOverride | undefined {
  for (const override of overridesOf(settings, { group: groupOf(live.apiVersion), kind: live.kind })) {
    if (override.actions !== undefined) return { ...override, actions: override.actions };
  }
  return undefined;
}

/**
 * The actions that are offered for an object, by name. The installation's come first: of two with one name its is
 * taken, and the built-in ones are left out unless it merges them.
 */
export async function discoverActions(
  settings: OverrideSettings,
  live: Manifest,
  run: RunScript,
): Promise<ActionOffer[]> {
  const override = actionOverrideOf(settings, live);
  const offers = new Map<string, ActionOffer>();
  if (override !== undefined) {
    for (const offer of await discoverCustom(override, live, run)) offers.set(offer.name, offer);
  }
  if (override === undefined || override.actions.discoveryLua === '' || override.actions.mergeBuiltin) {
    for (const action of builtinActionsOf(live)) {
      // One that the installation offers under another of its names is the same one.
      const isTaken = namesOf(action).some((name) => offers.has(name));
      if (isTaken || action.offeredFor?.(live) === false) continue;
      offers.set(action.name, offerOf(action, live));
    }
  }
  return [...offers.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function offerOf(
  { name, iconClass, displayName, params, refuses }: BuiltinAction,
  live: Manifest,
): ActionOffer {
  const reason = refuses?.(live);
  return {
    name,
    ...(reason === undefined ? {} : { disabled: true, reason }),
    ...(iconClass === undefined ? {} : { iconClass }),
    ...(displayName === undefined
      ? {}
      : { displayName: typeof displayName === 'string' ? displayName : displayName(live) }),
    ...(params === undefined ? {} : { params: params(live) }),
  };
}

const discovery = 'discovery.lua';

async function discoverCustom(
  override: ActionOverride,
  live: Manifest,
  run: RunScript,
): Promise<ActionOffer[]> {
  const { discoveryLua } = override.actions;
  if (discoveryLua === '') return [];
  const answer = await run({ name: discovery, script: discoveryLua, globals: { obj: live } });
  if (!answer.ok) throw scriptError(live, override, answer.message);
  const { value } = answer;
  if (Array.isArray(value) && value.length === 0) return [];
  if (!isFields(value)) {
    const found = value === undefined ? 'nil' : Array.isArray(value) ? 'a list' : typeof value;
    throw scriptError(live, override, `${discovery}: result is ${found}, not a table of actions by name`);
  }
  return Object.entries(value).map(([name, given]) => withDefinition(readOffer(name, given), override, live));
}

/** An action that nothing defines can't be run: better said where it is chosen than when it fails. */
function withDefinition(offer: ActionOffer, override: ActionOverride, live: Manifest): ActionOffer {
  const isDefined =
    override.actions.definitions.some(({ name }) => name === offer.name) ||
    builtinActionOf(live, offer.name) !== undefined;
  if (isDefined) return offer;
  return {
    ...offer,
    disabled: true,
    reason: `no definition of action ${offer.name}; add one to definitions`,
  };
}

function readOffer(name: string, given: unknown): ActionOffer {
  const fields = isFields(given) ? given : {};
  const params = Array.isArray(fields['params']) ? fields['params'].flatMap(readParameter) : [];
  return {
    name,
    ...(fields['disabled'] === true
      ? { disabled: true, reason: textOf(fields['reason']) ?? 'discovery.lua disables it for this object' }
      : {}),
    ...textField('iconClass', fields['iconClass']),
    ...textField('displayName', fields['displayName']),
    ...(params.length === 0 ? {} : { params }),
  };
}

function readParameter(given: unknown): ActionParameter[] {
  if (!isFields(given)) return [];
  const name = textOf(given['name']);
  if (name === undefined) return [];
  return [{ name, ...textField('type', given['type']), ...textField('default', given['default']) }];
}

function textField<Name extends string>(name: Name, value: unknown): Partial<Record<Name, string>> {
  const text = textOf(value);
  const field: Partial<Record<Name, string>> = {};
  if (text !== undefined) field[name] = text;
  return field;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || isNumber(value) ? String(value) : undefined;
}
