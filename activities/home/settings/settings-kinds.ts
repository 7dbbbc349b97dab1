import { credentialsFromClusterSecret } from '../../../cluster/access/cluster-secret.ts';
import {
  type NewNotice,
  settingsObjectGone,
  settingsObjectsListed,
  takeSettingsObject,
} from '../../../control/settings/home-objects.ts';
import type { SettingsControl } from '../../../control/settings/settings-control.ts';
import { type SettingsRef, setsSomething } from '../../../core/home/settings/settings-object.ts';
import type { HomeMirror, MirroredKind } from '../home-mirror.ts';
import { noteOnObject } from './note-on-object.ts';

/** Releases of Helm are Secrets, too, each as large as its chart; nothing of them sets anything. */
const noReleases = { labelSelector: 'owner!=helm' };

/**
 * ConfigMaps and Secrets that set this installation, in its own namespace alone. All of them are watched, since those of
 * the right names count without a label.
 */
export function settingsKinds(mirror: HomeMirror): readonly MirroredKind[] {
  return [kindOf(mirror, 'ConfigMap', 'config-maps', {}), kindOf(mirror, 'Secret', 'secrets', noReleases)];
}

function kindOf(
  mirror: HomeMirror,
  kind: SettingsRef['kind'],
  name: string,
  selectors: { readonly labelSelector?: string },
): MirroredKind {
  const control: SettingsControl = { ...mirror.control, clusterCredentials: credentialsFromClusterSecret };
  const { transaction } = mirror;
  // Most Secrets of a namespace set nothing, and change often: nothing is asked of the database for those.
  const setting = new Set<string>();
  return {
    name,
    resource: {
      apiVersion: 'v1',
      kind,
      namespace: mirror.control.config.controlPlaneNamespace,
      ...selectors,
    },
    async take(object, origin) {
      const { name = '' } = object.metadata;
      const sets = setsSomething(object);
      if (sets) setting.add(name);
      else if (!setting.has(name)) return 'done';
      const { news, doubtful } = await takeSettingsObject(control, object, { origin, transaction });
      await tell(mirror, news);
      if (!sets) setting.delete(name);
      return doubtful ? 'doubtful' : 'done';
    },
    async gone({ namespace, name }) {
      if (!setting.has(name)) return;
      await tell(mirror, await settingsObjectGone(control, { kind, namespace, name }, { transaction }));
      setting.delete(name);
    },
    async listed(keys) {
      // One that is there and sets nothing any more is like one that isn't there, whoever has seen it set something.
      const those = keys.filter((key) => setting.has(key.name));
      await tell(mirror, await settingsObjectsListed(control, kind, those, { transaction }));
    },
  };
}

async function tell(mirror: HomeMirror, news: readonly NewNotice[]): Promise<void> {
  for (const one of news) await noteOnObject(mirror, one);
}
