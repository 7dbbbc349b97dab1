import { valueAt } from '../../object/json/field.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import type { BuiltinAction } from '../action.ts';
import { patchField, withField } from '../change.ts';

/** Names of an action that turns something off, and of the one that turns it on again. */
export type SwitchNames = {
  readonly off: string;
  readonly on: string;
  /** Names that run them too; they are not listed. */
  readonly aliases?: { readonly off?: readonly string[]; readonly on?: readonly string[] };
};

/** The two words that most controllers use. */
export const suspendResume: SwitchNames = { off: 'suspend', on: 'resume' };
export const pauseResume: SwitchNames = { off: 'pause', on: 'resume' };
export const stopStart: SwitchNames = { off: 'stop', on: 'start' };

/** A pair of actions that set a field to true and take it away again. */
export function fieldSwitch(path: readonly string[], names: SwitchNames): readonly BuiltinAction[] {
  return switchOf({
    names,
    place: path.join('.'),
    isOff: (live) => valueAt(live, ...path) === true,
    turnOff: (live) => withField(live, path, true),
    // False rather than absent: a field that Git sets is then plainly another one.
    turnOn: (live) => withField(live, path, false),
  });
}

/** A pair of actions that give an annotation a value and take it away again. */
export function annotationSwitch(
  name: string,
  value: string,
  names: SwitchNames,
  onValue?: string,
): readonly BuiltinAction[] {
  const path = ['metadata', 'annotations', name];
  return switchOf({
    names,
    place: `annotation ${name}`,
    isOff: (live) => valueAt(live, ...path) === value,
    turnOff: (live) => withField(live, path, value),
    turnOn: (live) => withField(live, path, onValue),
  });
}

type Switch = {
  readonly names: SwitchNames;
  readonly place: string;
  readonly isOff: (live: Manifest) => boolean;
  readonly turnOff: (live: Manifest) => Manifest;
  readonly turnOn: (live: Manifest) => Manifest;
};

function switchOf({ names, place, isOff, turnOff, turnOn }: Switch): readonly BuiltinAction[] {
  const { off, on, aliases } = names;
  return [
    {
      name: off,
      ...(aliases?.off === undefined ? {} : { aliases: aliases.off }),
      iconClass: 'fa fa-fw fa-pause',
      displayName: titleOf(off),
      refuses: (live) => (isOff(live) ? `${place} is set` : undefined),
      run: (live) => [{ operation: 'patch', manifest: turnOff(live) }],
    },
    {
      name: on,
      ...(aliases?.on === undefined ? {} : { aliases: aliases.on }),
      iconClass: 'fa fa-fw fa-play',
      displayName: titleOf(on),
      refuses: (live) => (isOff(live) ? undefined : `${place} is not set`),
      run: (live) => [{ operation: 'patch', manifest: turnOn(live) }],
    },
  ];
}

/** An action that writes the time into a field, which its controller takes as an order. */
export function stamp(
  name: string,
  path: readonly string[],
  refuses?: BuiltinAction['refuses'],
): BuiltinAction {
  return {
    name,
    iconClass: 'fa fa-fw fa-sync',
    displayName: titleOf(name),
    ...(refuses === undefined ? {} : { refuses }),
    run: (live, { now }) => patchField(live, path, now),
  };
}

/** An action that gives a field a fixed value, which its controller takes as an order. */
export function order(
  name: string,
  path: readonly string[],
  value: unknown,
  refuses?: BuiltinAction['refuses'],
): BuiltinAction {
  return {
    name,
    iconClass: 'fa fa-fw fa-play-circle',
    displayName: titleOf(name),
    ...(refuses === undefined ? {} : { refuses }),
    run: (live) => patchField(live, path, value),
  };
}

function titleOf(name: string): string {
  return name
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(' ');
}
