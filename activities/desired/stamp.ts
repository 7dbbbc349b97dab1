import { instanceName } from '../../core/application/source/source.ts';
import type { ApplicationSpec } from '../../core/application/spec/spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { asDeclared } from '../../core/home/declared.ts';
import { definedKinds, kindId } from '../../core/object/manifest/definition.ts';
import { groupOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { encodeSecret } from '../../core/object/manifest/secret.ts';
import { ownField } from '../../core/own-field.ts';
import type { ToolSettings } from '../../core/settings/words/tool-settings.ts';
import type { Tracking } from '../../core/sync/tracking/tracking.ts';
import { stampTracking } from '../../core/sync/tracking/tracking-stamp.ts';
import type { ClusterCapabilities } from '../../db/schema/cluster.ts';
import type { RecordDeps } from '../deps.ts';

/** The application that objects are rendered for, and its cluster. */
export type RenderTarget = {
  readonly application: { readonly name: string; readonly namespace: string };
  readonly spec: ApplicationSpec;
  readonly capabilities: ClusterCapabilities;
  readonly tracking: Tracking;
  /** What the installation says about the tools that render. */
  readonly tools: ToolSettings;
};

/** Gives namespaced objects their namespace, takes it from the others, and writes the owner on each. */
export function stampObjects(
  deps: Pick<RecordDeps, 'homeNamespace'>,
  { application, spec, capabilities, tracking }: RenderTarget,
  manifests: readonly Manifest[],
): Manifest[] {
  const destinationNamespace = spec.destination.namespace ?? '';
  const instance = instanceName({ metadata: application }, deps.homeNamespace);
  checkLabel(instance, tracking);
  const defined = definedKinds(manifests);
  return manifests.map((manifest) => {
    const kind = kindId({ group: groupOf(manifest.apiVersion), kind: manifest.kind });
    const namespaced = ownField(capabilities.namespaced, kind) ?? defined.get(kind)?.namespaced ?? true;
    const { namespace, ...metadata } = manifest.metadata;
    const stamped: Manifest = {
      ...encodeSecret(asDeclared(manifest)),
      metadata: namespaced ? { ...metadata, namespace: namespace || destinationNamespace } : metadata,
    };
    return stampTracking(stamped, { instance, destinationNamespace, tracking });
  });
}

/** What the cluster says of the kinds of these objects, on which their namespaces rest. */
export function scopesOf(
  { namespaced }: ClusterCapabilities,
  manifests: readonly Manifest[],
): Record<string, boolean | null> {
  const kinds = manifests.map(({ apiVersion, kind }) => kindId({ group: groupOf(apiVersion), kind }));
  return Object.fromEntries(kinds.map((kind) => [kind, ownField(namespaced, kind) ?? null]));
}

/** Whether objects that were stamped on these grounds would get the same namespaces now. */
export function isScopedAlike(
  { namespaced }: ClusterCapabilities,
  scopes: Readonly<Record<string, boolean | null>>,
): boolean {
  return Object.entries(scopes).every(([kind, scope]) => (ownField(namespaced, kind) ?? null) === scope);
}

/** What a label can hold. */
const longestLabel = 63;

/** A label that is the only mark is never cut, so a name that doesn't fit can't be tracked by it. */
function checkLabel(instance: string, tracking: Tracking): void {
  if (tracking.method !== 'label' || instance.length <= longestLabel) return;
  throw new KeelsonError(
    'invalid-argument',
    `application name "${instance}" has ${instance.length} characters and a tracking label holds ${longestLabel}; shorten it, or set application.resourceTrackingMethod to annotation`,
  );
}
