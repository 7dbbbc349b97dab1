import {
  installationIdAnnotation,
  legacyInstanceLabel,
  trackingIdAnnotation,
} from '../../object/annotations.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import { isCustomResourceDefinition } from '../../object/manifest/definition.ts';
import { groupOf, keyOf, type Manifest } from '../../object/manifest/manifest.ts';
import { ownField } from '../../own-field.ts';
import { formatTrackingId, labelMark, type Tracking, trackingLabel } from './tracking.ts';

/** What a stamp says: the owning application, and the namespace that stands in for a missing one. */
export type Stamp = {
  readonly instance: string;
  readonly destinationNamespace: string;
  readonly tracking: Tracking;
};

/** A rendered object with its owner written on it. CRDs stay untouched: they belong to all who use them. */
export function stampTracking(manifest: Manifest, stamp: Stamp): Manifest {
  if (isCustomResourceDefinition(manifest)) return manifest;
  const { method } = stamp.tracking;
  const annotated = method === 'label' ? manifest : withAnnotation(manifest, stamp);
  return method === 'annotation' ? annotated : withLabel(annotated, stamp);
}

function withAnnotation(manifest: Manifest, { instance, destinationNamespace, tracking }: Stamp): Manifest {
  const key = keyOf(manifest);
  const id = formatTrackingId({
    instance,
    key: { ...key, namespace: key.namespace || destinationNamespace },
  });
  const { [installationIdAnnotation]: _, ...kept } = manifest.metadata.annotations ?? {};
  const installation = tracking.installationId ? { [installationIdAnnotation]: tracking.installationId } : {};
  const annotations = { ...kept, [trackingIdAnnotation]: id, ...installation };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

function withLabel(manifest: Manifest, { instance, tracking }: Stamp): Manifest {
  const key = trackingLabel(tracking);
  const mark = labelMark(instance, tracking.method);
  const labels = { ...manifest.metadata.labels, [key]: mark };
  const labelled = { ...manifest, metadata: { ...manifest.metadata, labels } };
  return labelsTemplates(key, manifest)
    ? mapTemplateLabels(labelled, (own) => ({ ...own, [key]: mark }))
    : labelled;
}

const templatedKinds: Readonly<Record<string, readonly string[]>> = {
  apps: ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  extensions: ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  batch: ['Job'],
};

/** Whether the tracking label also stands on an object's pods: only the oldest of the label keys does that. */
export function labelsTemplates(labelKey: string, { apiVersion, kind }: Manifest): boolean {
  return (
    labelKey === legacyInstanceLabel && (ownField(templatedKinds, groupOf(apiVersion)) ?? []).includes(kind)
  );
}

/** The labels of an object's pod template. */
export function templateLabels(manifest: Manifest): Readonly<Record<string, unknown>> {
  const { metadata } = templateOf(manifest) ?? {};
  const labels = isFields(metadata) ? metadata['labels'] : undefined;
  return isFields(labels) ? labels : {};
}

/** The object with other labels on its pod template; an object without a template stays as it is. */
export function mapTemplateLabels(
  manifest: Manifest,
  change: (labels: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): Manifest {
  const { spec } = manifest;
  const template = templateOf(manifest);
  if (!isFields(spec) || template === undefined) return manifest;
  const metadata = isFields(template.metadata) ? template.metadata : {};
  const changed = { ...template, metadata: { ...metadata, labels: change(templateLabels(manifest)) } };
  return { ...manifest, spec: { ...spec, template: changed } };
}

function templateOf({ spec }: Manifest): { readonly metadata?: unknown } | undefined {
  const template = isFields(spec) ? spec['template'] : undefined;
  return isFields(template) ? template : undefined;
}

/** An object without the marks that `stampTracking` gave it: what is written over stays whose it was. */
export function withoutTracking(
  manifest: Manifest,
  { instance, tracking }: Pick<Stamp, 'instance' | 'tracking'>,
): Manifest {
  const {
    [trackingIdAnnotation]: _id,
    [installationIdAnnotation]: _installation,
    ...annotations
  } = manifest.metadata.annotations ?? {};
  const key = trackingLabel(tracking);
  const { [key]: mark, ...others } = manifest.metadata.labels ?? {};
  const isMark = tracking.method !== 'annotation' && mark === labelMark(instance, tracking.method);
  const labels = isMark ? { labels: others } : {};
  return { ...manifest, metadata: { ...manifest.metadata, annotations, ...labels } };
}
