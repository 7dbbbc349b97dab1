import { KeelsonError } from '../../../core/errors.ts';
import { partOf, type SettingsRef, shownRef } from '../../../core/home/settings/settings-object.ts';
import type { Values } from '../../../core/home/settings/written/secret-values.ts';
import { isFields } from '../../../core/object/manifest/check-manifest.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { setField } from '../../../core/own-field.ts';
import type { HomeChange, HomeSettings } from './settings-port.ts';

/** A change of the values of a ConfigMap. */
export type MapChange = Pick<HomeChange, 'audit' | 'author'> & {
  readonly name: string;
  /** What is in force, of which the map is made where there is none. */
  readonly inForce: Values;
  readonly changed: (values: Values) => Values;
  /** Why a map that counts as a whole can't be read, if so: what is changed in it would not come into force. */
  readonly faultOf?: (values: Values) => string | undefined;
};

/** Changes a ConfigMap of the home cluster, and makes it of what is in force where there is none. */
export function changeMap(
  home: HomeSettings,
  { name, inForce, changed, faultOf, author, audit }: MapChange,
): Promise<void> {
  const ref: HomeChange['ref'] = { kind: 'ConfigMap', name };
  const changeOf = (live: Manifest | undefined): Manifest => {
    if (live === undefined) return newMap({ ...ref, namespace: home.namespace }, changed(inForce));
    const values = dataOf(live);
    const fault = faultOf?.(values);
    if (fault === undefined) return { ...live, data: changed(values) };
    throw new KeelsonError(
      'precondition-failed',
      `${shownRef(ref)} of the home cluster can't be read as a whole (${fault}), so that nothing is changed in it`,
    );
  };
  return home.change({ ref, changeOf, author, audit });
}

function newMap({ namespace, name }: SettingsRef, data: Values): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name, labels: { ...partOf } }, data };
}

function dataOf({ data }: Manifest): Values {
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(isFields(data) ? data : {})) setField(values, key, String(value));
  return values;
}
