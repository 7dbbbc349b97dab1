import { noteAbsence } from '../../../control/home/absence.ts';
import { applicationKey } from '../../../core/home/application-object.ts';
import { keyId, type ResourceKey } from '../../../core/object/key.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { type MirroredApplication, mirroredApplications } from '../../../db/queries/home/object-deletion.ts';
import type { HomeMirror } from '../home-mirror.ts';
import { checkMissing } from './check-missing.ts';

/** Whether an application's object was missing, or couldn't be read, when it was last looked for. */
export function isMissing({ homeConditions }: Pick<MirroredApplication, 'homeConditions'>): boolean {
  return homeConditions.some(({ type }) => type === 'Detached' || type === 'HomeClusterUnavailable');
}

/** Looks for an object that a watch has seen deleted: another one may have its name by now. */
export async function checkDeleted(mirror: HomeMirror, last: Manifest): Promise<void> {
  const { uid = '' } = last.metadata;
  await checkMissing(mirror, await mirroredApplications(mirror.control.db, uid));
}

/** Looks for the objects that a complete list of a namespace, or of all, lacks; those that it has are there. */
export async function checkListed(
  mirror: HomeMirror,
  keys: readonly ResourceKey[],
  namespace: string | undefined,
): Promise<void> {
  const { control, transaction } = mirror;
  const listed = new Set(keys.map(keyId));
  const all = await mirroredApplications(control.db);
  const concerned = all.filter((one) => namespace === undefined || one.namespace === namespace);
  const [present, missing] = [concerned.filter(isListed), concerned.filter((one) => !isListed(one))];
  for (const application of present.filter(isMissing)) {
    await noteAbsence(control, transaction, application, undefined);
  }
  await checkMissing(mirror, missing);

  function isListed(application: MirroredApplication): boolean {
    return listed.has(keyId(applicationKey(application)));
  }
}
