import { annotationList } from '../object/annotated-list.ts';
import { syncOptionsAnnotation } from '../object/annotations.ts';
import { kindId } from '../object/definition.ts';
import { formatKey, type ResourceKey } from '../object/key.ts';
import type { Manifest } from '../object/manifest.ts';

type Place = 'application' | 'both' | 'object';

/** Where each sync option means something. */
const places: Readonly<Record<string, Place>> = {
  ApplyOutOfSyncOnly: 'application',
  ClientSideApplyMigration: 'both',
  CreateNamespace: 'application',
  Delete: 'both',
  FailOnSharedResource: 'application',
  Force: 'object',
  Prune: 'both',
  PruneLast: 'both',
  PrunePropagationPolicy: 'application',
  Replace: 'both',
  RespectIgnoreDifferences: 'application',
  ServerSideApply: 'both',
  SkipDryRunOnMissingResource: 'both',
  Validate: 'both',
};

/** Kinds that no option recreates, as all that is in them would go along. */
const neverRecreated: ReadonlySet<string> = new Set([
  '/Namespace',
  'apiextensions.k8s.io/CustomResourceDefinition',
]);

/** Whether an object of a kind may be deleted and created anew at all. */
export function isRecreatableKind(kind: Pick<ResourceKey, 'group' | 'kind'>): boolean {
  return !neverRecreated.has(kindId(kind));
}

/** Sync options of an application that mean nothing there, each with the place where they would. */
export function misplacedOptions(options: readonly string[]): string[] {
  return options
    .filter((option) => placeOf(option) === 'object')
    .map(
      (option) =>
        `sync option ${option} has no effect on an application; annotate the objects that it is for with ${syncOptionsAnnotation}: ${option}, or sync once with keelson app sync NAME --force`,
    );
}

/** The same of an object's annotation. */
export function misplacedObjectOptions(manifest: Manifest, key: ResourceKey): string[] {
  return annotationList(manifest, syncOptionsAnnotation).flatMap((option) => {
    if (placeOf(option) === 'application') {
      return `${formatKey(key)}: sync option ${option} has no effect on an object; put it into spec.syncPolicy.syncOptions of the application`;
    }
    if (option === 'Force=true' && !isRecreatableKind(key)) {
      return `${formatKey(key)}: sync option ${option} has no effect on a ${key.kind}, which is never recreated by a sync; remove it`;
    }
    return [];
  });
}

function placeOf(option: string): Place | undefined {
  return places[option.split('=', 1)[0] ?? ''];
}
