import { installationIdAnnotation, trackingIdAnnotation } from '../../object/annotations.ts';
import { keelsonManager } from '../../object/managers.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { ownField } from '../../own-field.ts';
import { claimOf, labelMark, type Tracking, trackedOf, trackingLabel } from './tracking.ts';
import { labelsTemplates, mapTemplateLabels, templateLabels } from './tracking-stamp.ts';

type Texts = Readonly<Record<string, string>>;

/**
 * The desired object as it is compared with a live one that was marked as the same application's under another
 * tracking method: it carries the live object's marks, so that a change of the method, or a render made before
 * that change, shows nothing as out of sync. An object that belongs to nobody or to somebody else is compared as
 * it is. What a sync writes is not affected.
 */
export function alignTracking(
  desired: Manifest,
  live: Manifest,
  owner: { readonly instance: string; readonly tracking: Tracking },
): Manifest {
  const marks = marksOf(desired, live, owner);
  if (!marks.claimed && !marks.labelled) return desired;
  return alignTemplate(alignLabel(alignAnnotation(desired, live, marks), live, marks), live, marks);
}

type Marks = {
  readonly key: string;
  /** The values that mean this application. */
  readonly values: readonly string[];
  readonly claimed: boolean;
  readonly labelled: boolean;
  /** Whether the label on the desired object can be one of ours, and not the chart's own. */
  readonly labelIsMark: boolean;
};

function marksOf(
  desired: Manifest,
  live: Manifest,
  { instance, tracking }: { readonly instance: string; readonly tracking: Tracking },
): Marks {
  const key = trackingLabel(tracking);
  const values = [instance, labelMark(instance, 'annotation+label')];
  const annotated = desired.metadata.annotations?.[trackingIdAnnotation] !== undefined;
  return {
    key,
    values,
    claimed: claimOf(trackedOf(live), tracking) === instance,
    labelled: values.includes(ownField(live.metadata.labels, key) ?? ''),
    labelIsMark: tracking.method !== 'annotation' || !annotated,
  };
}

function alignAnnotation(desired: Manifest, live: Manifest, marks: Marks): Manifest {
  const own = desired.metadata.annotations ?? {};
  const found = live.metadata.annotations ?? {};
  const marked = own[trackingIdAnnotation] !== undefined;
  if (!marked && marks.claimed) {
    const names = [trackingIdAnnotation, installationIdAnnotation];
    const taken = names.flatMap((name) => {
      const value = ownField(found, name);
      return value === undefined ? [] : [[name, value] as const];
    });
    return withMetadata(desired, 'annotations', { ...own, ...Object.fromEntries(taken) });
  }
  if (marked && marks.labelled && found[trackingIdAnnotation] === undefined) {
    const { [trackingIdAnnotation]: _id, [installationIdAnnotation]: _installation, ...kept } = own;
    return withMetadata(desired, 'annotations', kept);
  }
  return desired;
}

function alignLabel(desired: Manifest, live: Manifest, marks: Marks): Manifest {
  const own = desired.metadata.labels ?? {};
  const aligned = alignedLabel(own, live.metadata.labels ?? {}, marks);
  return aligned === undefined ? desired : withMetadata(desired, 'labels', aligned);
}

/** The labels after alignment; undefined when there is nothing to align. */
function alignedLabel<Value>(
  own: Readonly<Record<string, Value>>,
  found: Readonly<Record<string, Value>>,
  { key, values, labelIsMark }: Marks,
): Readonly<Record<string, Value>> | undefined {
  const isMark = (value: Value | undefined): boolean => typeof value === 'string' && values.includes(value);
  const wanted = ownField(own, key);
  const actual = ownField(found, key);
  if (wanted === actual) return undefined;
  if (actual !== undefined && isMark(actual) && (wanted === undefined || isMark(wanted))) {
    return { ...own, [key]: actual };
  }
  if (actual === undefined && isMark(wanted) && labelIsMark) {
    const { [key]: _, ...kept } = own;
    return kept as Readonly<Record<string, Value>>;
  }
  return undefined;
}

function alignTemplate(desired: Manifest, live: Manifest, marks: Marks): Manifest {
  if (!labelsTemplates(marks.key, desired)) return desired;
  const aligned = alignedLabel(templateLabels(desired), templateLabels(live), marks);
  return aligned === undefined ? desired : mapTemplateLabels(desired, () => aligned);
}

function withMetadata(desired: Manifest, field: 'labels' | 'annotations', texts: Texts): Manifest {
  const { [field]: _, ...metadata } = desired.metadata;
  const filled = Object.keys(texts).length === 0 ? {} : { [field]: texts };
  return { ...desired, metadata: { ...metadata, ...filled } };
}

/**
 * Whether an object without a tracking annotation was marked by Keelson itself under the label method. Charts write
 * the same label, so the field's manager has to be ours, not only its value.
 */
export function isLabelledByUs(
  live: Pick<Manifest, 'metadata'>,
  { instance, tracking, manager }: { instance: string; tracking: Tracking; manager: string },
): boolean {
  const key = trackingLabel(tracking);
  const { annotations = {}, labels = {}, ownerReferences = [] } = live.metadata;
  if (annotations[trackingIdAnnotation] !== undefined || ownerReferences.length > 0) return false;
  if (ownField(labels, key) !== instance) return false;
  return ownsLabel(live, key, { manager, operation: 'Apply' });
}

/** Whether a manager owns a label of an object; by whatever operation where none is given. */
export function ownsLabel(
  { metadata }: { readonly metadata: Pick<Manifest['metadata'], 'managedFields'> },
  label: string,
  { manager, operation }: { readonly manager: string; readonly operation?: 'Apply' },
): boolean {
  return (metadata.managedFields ?? []).some(
    (entry) =>
      isFields(entry) &&
      entry['manager'] === manager &&
      (operation === undefined || entry['operation'] === operation) &&
      owns(entry, label),
  );
}

/**
 * Whether an object came before the tracking method changed, and only a label of our own hand still says that it is an
 * application's.
 */
export function isFormerlyTracked(
  live: Pick<Manifest, 'metadata'>,
  { instance, tracking }: { readonly instance: string; readonly tracking: Tracking },
): boolean {
  return tracking.method !== 'label' && isLabelledByUs(live, { instance, tracking, manager: keelsonManager });
}

function owns(entry: Readonly<Record<string, unknown>>, label: string): boolean {
  let fields: unknown = entry['fieldsV1'];
  for (const name of ['f:metadata', 'f:labels', `f:${label}`]) {
    fields = isFields(fields) ? ownField(fields, name) : undefined;
  }
  return fields !== undefined;
}
