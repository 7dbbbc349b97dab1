import { keyId, type ResourceKey } from '../../object/key.ts';
import { isHook, isSkipHook } from '../options/hook.ts';
import { chooseDesired } from '../plan/desired-set.ts';
import type { PlanInput } from '../plan/plan-input.ts';
import type { SelectedResource } from './operation.ts';

/** Whether a request covers an object; a request that names none covers all. */
export function isSelected(key: ResourceKey, selected: readonly SelectedResource[]): boolean {
  if (selected.length === 0) return true;
  return selected.some(
    (wanted) =>
      wanted.group === key.group &&
      wanted.kind === key.kind &&
      wanted.name === key.name &&
      (!wanted.namespace || wanted.namespace === key.namespace),
  );
}

/**
 * What a retry of a self-heal covers: all that differs by now. The first choice was made while a cascade could still be
 * going on, such as that of a namespace whose objects went before it did. Nothing differs: the choice stays, since
 * choosing nothing would mean everything.
 */
export function selectAnew({
  desired,
  live,
  request,
  application,
}: Pick<PlanInput, 'desired' | 'live' | 'request'> & {
  readonly application: Pick<PlanInput['application'], 'destinationNamespace'>;
}): readonly SelectedResource[] {
  const { kept, spared } = chooseDesired(desired, application.destinationNamespace);
  const found = new Map(live.map((object) => [keyId(object.key), object]));
  const wanted = new Set([...kept.map(({ key }) => key), ...spared].map(keyId));
  const differing = kept.filter(
    ({ key, manifest }) =>
      !isHook(manifest) && !isSkipHook(manifest) && (found.get(keyId(key))?.changed ?? true),
  );
  const undesired = live.filter(({ key }) => !wanted.has(keyId(key)));
  const chosen = [...differing, ...undesired].map(({ key: { group, kind, name, namespace } }) => ({
    ...{ group, kind, name },
    ...(namespace === '' ? {} : { namespace }),
  }));
  return chosen.length === 0 ? request.resources : chosen;
}
