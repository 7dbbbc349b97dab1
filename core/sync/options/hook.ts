import { type Annotated, annotationList } from '../../object/annotated-list.ts';
import {
  helmHookAnnotation,
  helmHookDeletePolicyAnnotation,
  hookAnnotation,
  hookDeletePolicyAnnotation,
} from '../../object/annotations.ts';
import { keyId, type ResourceKey } from '../../object/key.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { ownField } from '../../own-field.ts';
import { deletePhases, type HookDeletePolicy, type SyncPhase, syncPhases } from '../plan/plan.ts';

/** Words of the hook annotation; the last two run around a deletion, `Skip` keeps an object out of syncs. */
export const hookTypes = [
  'PreSync',
  'Sync',
  'PostSync',
  'SyncFail',
  'Skip',
  'PreDelete',
  'PostDelete',
] as const;
/** One of the hook words. */
export type HookType = (typeof hookTypes)[number];

/** Helm's words for the same; rollback and test hooks have no counterpart. */
const helmHookTypes: Readonly<Record<string, HookType>> = {
  'pre-install': 'PreSync',
  'pre-upgrade': 'PreSync',
  'post-install': 'PostSync',
  'post-upgrade': 'PostSync',
  'pre-delete': 'PreDelete',
  'post-delete': 'PostDelete',
};

const deletePolicies: readonly HookDeletePolicy[] = ['BeforeHookCreation', 'HookSucceeded', 'HookFailed'];

const helmDeletePolicies: Readonly<Record<string, HookDeletePolicy>> = {
  'before-hook-creation': 'BeforeHookCreation',
  'hook-succeeded': 'HookSucceeded',
  'hook-failed': 'HookFailed',
};

/** Whether a word of the delete policy annotation has a meaning. */
export function isKnownDeletePolicy(word: string): boolean {
  return (deletePolicies as readonly string[]).includes(word);
}

/** The hook types of an object; Helm's count only when the object has none of ours. */
export function hookTypesOf(object: Annotated): readonly HookType[] {
  const own = hookTypes.filter((type) => annotationList(object, hookAnnotation).includes(type));
  if (own.length > 0) return own;
  const helm = annotationList(object, helmHookAnnotation).map((word) => ownField(helmHookTypes, word));
  return hookTypes.filter((type) => helm.includes(type));
}

/** Whether an object asks to be left out of syncs: `Skip` and nothing else. */
export function isSkipHook(object: Annotated): boolean {
  const types = hookTypesOf(object);
  return types.length === 1 && types[0] === 'Skip';
}

/**
 * Whether an object is a hook. Any value of the annotation makes it one: an object with an unknown word runs in no
 * phase, and it is not an ordinary resource either. `crd-install` marks an ordinary CRD.
 */
export function isHook(object: Annotated): boolean {
  const annotations = object.metadata.annotations ?? {};
  if (annotations[hookAnnotation] !== undefined) return !isSkipHook(object);
  const helm = annotations[helmHookAnnotation];
  return helm !== undefined && helm !== 'crd-install';
}

/** The phases of a sync in which a hook runs, in order. */
export function hookPhases(object: Annotated): readonly SyncPhase[] {
  if (!isHook(object)) return [];
  const types: readonly string[] = hookTypesOf(object);
  return syncPhases.filter((phase) => types.includes(phase));
}

/** The phases of a deletion in which a hook runs, in order. */
export function deletionHookPhases(object: Annotated): readonly SyncPhase[] {
  if (!isHook(object)) return [];
  const types: readonly string[] = hookTypesOf(object);
  return deletePhases.filter((phase) => types.includes(phase));
}

/** When a hook object is deleted; without a known policy, before it is created again. */
export function hookDeletePolicies(object: Annotated): readonly HookDeletePolicy[] {
  const own: readonly string[] = annotationList(object, hookDeletePolicyAnnotation);
  const helm = annotationList(object, helmHookDeletePolicyAnnotation).map((word) =>
    ownField(helmDeletePolicies, word),
  );
  const found = deletePolicies.filter((policy) => own.includes(policy) || helm.includes(policy));
  return found.length > 0 ? found : ['BeforeHookCreation'];
}

/** What the name of a generated hook object is made of. */
export type HookNameParts = {
  readonly phase: SyncPhase;
  readonly revision: string;
  /** Start of the operation, which all its attempts share: so a repeat finds the same object. */
  readonly startedAtUnix: number;
};

/** The name of a hook object: its own, or generateName, if any, with revision, phase and start of the operation. */
export function hookName(manifest: Manifest, parts: HookNameParts): string {
  const { name, generateName = '' } = manifest.metadata;
  if (name) return name;
  const suffix =
    `${parts.revision.slice(0, 7)}-${parts.phase}-${Math.floor(parts.startedAtUnix)}`.toLowerCase();
  // Chart versions may carry a "+build" part, which object names cannot.
  return generateName + suffix.replaceAll(/[^a-z0-9.-]/g, '-');
}

/** Two hooks with one generateName, or without any, would get one name; the later ones are numbered. */
export function freeHookKey(key: ResourceKey, taken: Set<string>): ResourceKey {
  let free = key;
  for (let number = 2; taken.has(keyId(free)); number++) free = { ...key, name: `${key.name}-${number}` };
  taken.add(keyId(free));
  return free;
}
