import type { Decided } from '../../core/application/spec/spec-text.ts';
import { applicationVersion } from '../../core/home/application-object.ts';
import { changedFields } from '../../core/home/changed-fields.ts';
import { isFields } from '../../core/object/manifest/check-manifest.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';

/** The object that an application is made as. */
export function newApplicationObject(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  { labels, annotations, finalizers, spec }: Decided,
): Manifest {
  return {
    apiVersion: applicationVersion,
    kind: 'Application',
    metadata: { namespace, name, labels, annotations, finalizers },
    spec,
  };
}

/** A live object with what somebody changes of the application as they saw it. */
export function changedApplicationObject(live: Manifest, seen: Decided, wanted: Decided): Manifest {
  const { labels = {}, annotations = {}, finalizers = [] } = live.metadata;
  const others = finalizers.filter((one) => !seen.finalizers.includes(one));
  const spec = live['spec'];
  return {
    ...live,
    metadata: {
      ...live.metadata,
      labels: changedFields(labels, seen.labels, wanted.labels),
      annotations: changedFields(annotations, seen.annotations, wanted.annotations),
      finalizers: [...new Set([...wanted.finalizers, ...others])],
    },
    spec: isFields(spec) ? changedFields(spec, seen.spec, wanted.spec) : wanted.spec,
  };
}
