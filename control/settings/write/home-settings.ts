import { recordAudit } from '../../../db/queries/installation/audit.ts';
import { auditOf } from '../../context.ts';
import type { HomeObjects } from '../../home/context.ts';
import { removeSettingsObject, takeSettingsObject } from '../home-objects.ts';
import type { SettingsControl } from '../settings-control.ts';
import { changeObject } from './change-object.ts';
import type { HomeSettings } from './settings-port.ts';

/** Keeps what sets the installation as objects of the home cluster. */
export function createHomeSettings(
  control: SettingsControl,
  namespace: string,
  home: () => Promise<HomeObjects>,
): HomeSettings {
  return {
    namespace,
    async change({ ref, changeOf, author, audit }) {
      const at = { ...ref, namespace };
      const written = await changeObject(await home(), at, changeOf);
      if (written.outcome === 'same') return;
      const { known } =
        written.outcome === 'removed'
          ? await removeSettingsObject(control, at, { author })
          : await takeSettingsObject(control, written.object, { author, origin: 'write' });
      if (known) await recordAudit(control.db, auditOf(author, audit));
    },
  };
}
