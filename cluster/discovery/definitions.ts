import { z } from 'zod';
import { formatJson } from '../../core/object/json/json.ts';
import { isCustomResourceDefinition } from '../../core/object/manifest/definition.ts';
import { groupOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { type CacheChange, kindName } from '../cache/cache-store.ts';
import type { KindFilter } from './resource.ts';

/** Name of the kind that defines kinds. */
export const definitionKind = kindName('apiextensions.k8s.io', 'CustomResourceDefinition');

/** Whether a change can add kinds to a cluster or take them away. */
export function changesKinds({ type, object, previous }: CacheChange): boolean {
  if (!definesKinds(object)) return false;
  if (type !== 'updated' || previous === undefined) return true;
  // Status is written several times while a definition settles; only these parts change what is served.
  return formatJson(servedPart(object)) !== formatJson(servedPart(previous));
}

function definesKinds(object: Manifest): boolean {
  const isExtension = groupOf(object.apiVersion) === 'apiregistration.k8s.io' && object.kind === 'APIService';
  return isExtension || isCustomResourceDefinition(object);
}

const Served = z.object({
  spec: z
    .object({ versions: z.array(z.object({ name: z.string(), served: z.boolean().optional() })).optional() })
    .optional(),
  status: z
    .object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional() })
    .optional(),
});

function servedPart(object: Manifest): unknown {
  const read = Served.safeParse(object);
  return read.success ? read.data : object['spec'];
}

const Definition = z.object({
  spec: z.object({ group: z.string(), names: z.object({ kind: z.string() }) }),
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }),
});

/** The kinds of established definitions, which discovery must show sooner or later; without the excluded ones. */
export function promisedKinds(definitions: readonly Manifest[], isExcluded: KindFilter): string[] {
  return definitions.flatMap((object) => {
    const read = Definition.safeParse(object);
    if (!read.success) return [];
    const { spec, status } = read.data;
    const established = status.conditions.some(
      ({ type, status: is }) => type === 'Established' && is === 'True',
    );
    const wanted = established && !isExcluded(spec.group, spec.names.kind);
    return wanted ? [kindName(spec.group, spec.names.kind)] : [];
  });
}
