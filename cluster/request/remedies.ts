import type { ErrorCode } from '../../core/errors.ts';
import { syncOptionsAnnotation } from '../../core/object/annotations.ts';
import type { ResourceKey } from '../../core/object/key.ts';
import { kindId } from '../../core/object/manifest/definition.ts';
import { ownField } from '../../core/own-field.ts';
import { isRecreatableKind } from '../../core/sync/options/option-places.ts';

/** What an invalid object is, and what helps. */
export type Cure = { readonly code: ErrorCode; readonly remedy: string };

/** Wordings by which API servers say that a field can't change after creation; they have no reason code for it. */
const immutableWords =
  /field is immutable|may not change|updates to statefulset spec for fields other than|pod updates may not|is immutable (when|after)|immutable after creation|cannot change roleref/i;

type Rule = { readonly words: RegExp; readonly cure: (key: ResourceKey | undefined) => Cure };

/** Refusals of objects whose words tell what helps, the first that fits; test/integration follows each. */
const rules: readonly Rule[] = [
  {
    words: /metadata\.uid: /,
    cure: () => ({ code: 'object-invalid', remedy: 'remove metadata.uid from the manifest' }),
  },
  { words: immutableWords, cure: (key) => ({ code: 'immutable-field', remedy: recreationRemedy(key) }) },
  {
    // An element that somebody else owns stays beside the one from Git; only a replacement takes the list as a whole.
    words: /: Duplicate value: /,
    cure: () => ({
      code: 'object-invalid',
      remedy: `make the values differ; where Git has each once, annotate the object with ${syncOptionsAnnotation}: Replace=true, which also takes away what others added to it`,
    }),
  },
  {
    words: /metadata\.annotations: Too long/i,
    cure: () => ({
      code: 'object-invalid',
      remedy: `shorten its annotations; kubectl's last-applied annotation among them is written for ServerSideApply=false alone, so leave that out or annotate the object with ${syncOptionsAnnotation}: Replace=true`,
    }),
  },
];

/** What a refusal as invalid means for an object, by the server's words. */
export function cureOf(message: string, key: ResourceKey | undefined): Cure {
  return rules.find(({ words }) => words.test(message))?.cure(key) ?? { code: 'object-invalid', remedy: '' };
}

/** What recreating an object of a kind takes along; of other kinds only the object itself is new. */
const recreationCosts: Readonly<Record<string, string>> = {
  '/PersistentVolumeClaim':
    'that deletes the data of its volume unless the volume has the reclaim policy Retain, and waits until no pod uses it',
  '/PersistentVolume': 'that waits until its claim is gone',
  '/Pod': 'that stops what it runs',
  '/Service': 'that gives it new addresses',
  'apps/DaemonSet': 'that stops its pods before new ones start',
  'apps/Deployment': 'that stops its pods before new ones start',
  'apps/ReplicaSet': 'that stops its pods before new ones start',
  'apps/StatefulSet':
    'that stops all its pods at once, and deletes the data of its claims where persistentVolumeClaimRetentionPolicy.whenDeleted is Delete',
  'batch/Job': 'that runs it anew',
};

/** What helps where a field can't change any more. */
function recreationRemedy(key: ResourceKey | undefined): string {
  if (key !== undefined && !isRecreatableKind(key)) {
    return 'revert the change; objects of this kind are never recreated by a sync, as all that is in them would go';
  }
  const cost = key === undefined ? undefined : ownField(recreationCosts, kindId(key));
  return (
    'revert the change, or have the object deleted and created anew, once with keelson app sync NAME --force or ' +
    `whenever it takes that with the annotation ${syncOptionsAnnotation}: Force=true on it` +
    (cost === undefined ? '' : ` (${cost})`)
  );
}
