import type { Condition } from '../../application/status.ts';
import { annotationList } from '../../object/annotated-list.ts';
import { hookAnnotation, hookDeletePolicyAnnotation } from '../../object/annotations.ts';
import { formatKey, keyId, type ResourceKey } from '../../object/key.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { hookTypes, hookTypesOf, isHook, isKnownDeletePolicy } from '../options/hook.ts';
import { objectOptionWarnings } from '../options/option-places.ts';
import { waveProblem } from '../options/wave.ts';
import { type DesiredObject, desiredKey } from './plan-input.ts';

/** Something about a desired object that people should know, as a condition of the application. */
export type Finding = Pick<Condition, 'type' | 'message'>;

/** Condition types that the look at desired objects can bring. */
export const desiredFindings = [
  'RepeatedResourceWarning',
  'ExcludedResourceWarning',
  'HookWarning',
  'SyncOptionWarning',
  'SyncWaveWarning',
] as const;

/** A desired object under the key that it has in the cluster. */
export type Named<Desired> = Desired & { readonly key: ResourceKey };

/** The desired objects that count, and why others don't. */
export type DesiredSet<Desired> = {
  readonly kept: readonly Named<Desired>[];
  /** Objects that stand in the source and aren't synced; they must not be pruned for that. */
  readonly spared: readonly ResourceKey[];
  readonly findings: readonly Finding[];
};

type Chosen = Pick<DesiredObject, 'manifest' | 'namespaced' | 'excluded'>;

/**
 * Chooses among the rendered objects: the last of several with one key counts, excluded kinds don't, and neither
 * does an object whose hook annotation names nothing that is known.
 */
export function chooseDesired<Desired extends Chosen>(
  objects: readonly Desired[],
  destinationNamespace: string,
): DesiredSet<Desired> {
  const named = objects.map(
    (object): Named<Desired> => ({ ...object, key: desiredKey(object, destinationNamespace) }),
  );
  const { last, findings } = dropRepeats(named);
  const kept: Named<Desired>[] = [];
  const spared: ResourceKey[] = [];
  for (const object of last) {
    const { manifest, key } = object;
    findings.push(...hookFindings(manifest, key), ...waveFindings(manifest, key));
    for (const message of objectOptionWarnings(manifest, key)) {
      findings.push({ type: 'SyncOptionWarning', message });
    }
    if (object.excluded === true) {
      const message = `Resource ${key.group}/${key.kind} ${key.name} is excluded in the settings`;
      findings.push({ type: 'ExcludedResourceWarning', message });
    }
    if (object.excluded === true || isUnknownHook(manifest)) spared.push(key);
    else kept.push(object);
  }
  return { kept, spared, findings };
}

/** Keeps the last of several objects with one key; objects without a name yet never collide. */
function dropRepeats<Desired extends Chosen>(
  named: readonly Named<Desired>[],
): { last: Named<Desired>[]; findings: Finding[] } {
  const counts = new Map<string, number>();
  const newest = new Map<string, Named<Desired>>();
  for (const object of named) {
    const id = keyId(object.key);
    counts.set(id, (counts.get(id) ?? 0) + 1);
    newest.set(id, object);
  }
  const last = named.filter((object) => object.key.name === '' || newest.get(keyId(object.key)) === object);
  const findings = [...counts]
    .filter(([id, count]) => count > 1 && newest.get(id)?.key.name !== '')
    .map(([id, count]): Finding => {
      const message = `Resource ${id} appeared ${count} times among application resources.`;
      return { type: 'RepeatedResourceWarning', message };
    });
  return { last, findings };
}

/** Whether an object is marked as a hook and no word of the mark is known; such an object belongs to no phase. */
export function isUnknownHook(manifest: Manifest): boolean {
  return isHook(manifest) && hookTypesOf(manifest).length === 0;
}

function hookFindings(manifest: Manifest, key: ResourceKey): Finding[] {
  const title = titleOf(manifest, key);
  const text = manifest.metadata.annotations?.[hookAnnotation];
  const words = annotationList(manifest, hookAnnotation);
  const unknown = words.filter((word) => !(hookTypes as readonly string[]).includes(word));
  const findings: Finding[] = [];
  if (text !== undefined && (unknown.length > 0 || words.length === 0)) {
    const effect = isUnknownHook(manifest)
      ? 'the object is neither synced nor pruned'
      : 'the words have no effect';
    findings.push({
      type: 'HookWarning',
      message: `${title}: hook "${words.length === 0 ? text : unknown.join(',')}" is not known, ${effect}; use ${hookTypes.join(', ')}, or remove the annotation`,
    });
  }
  const policies = annotationList(manifest, hookDeletePolicyAnnotation).filter(
    (word) => !isKnownDeletePolicy(word),
  );
  if (policies.length > 0) {
    findings.push({
      type: 'HookWarning',
      message: `${title}: hook delete policy "${policies.join(',')}" is not known and has no effect; use BeforeHookCreation, HookSucceeded or HookFailed`,
    });
  }
  return findings;
}

function waveFindings(manifest: Manifest, key: ResourceKey): Finding[] {
  const problem = waveProblem(manifest);
  return problem === undefined
    ? []
    : [{ type: 'SyncWaveWarning', message: `${titleOf(manifest, key)}: ${problem}` }];
}

/** An object for people; one without a name yet shows what its name will begin with. */
export function titleOf(manifest: Manifest, key: ResourceKey): string {
  return formatKey({ ...key, name: key.name || `${manifest.metadata.generateName ?? ''}*` });
}
