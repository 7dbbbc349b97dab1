import {
  deleteDeadlineAnnotation,
  syncGateAnnotation,
  syncTimeoutAnnotation,
} from '../../object/annotations.ts';
import { ownField } from '../../own-field.ts';
import { readDuration } from '../../text/duration.ts';

const isDuration = (text: string): boolean => readDuration(text) !== undefined;
const isDeadline = (text: string): boolean => text === '' || (readDuration(text) ?? 0) > 0;

/** Annotations of an application that order something, the values that do, and what becomes of others. */
const orders: readonly [annotation: string, means: (value: string) => boolean, otherwise: string][] = [
  [syncTimeoutAnnotation, isDuration, 'is no duration and not applied; write one such as 30m'],
  [
    deleteDeadlineAnnotation,
    isDeadline,
    "is no time for a deletion, and the application can't be deleted with its objects; write one such as 10m",
  ],
  [syncGateAnnotation, (text) => text === 'all', 'has no meaning; write all, or remove the annotation'],
];

/** What an application's own annotations order that can't be understood. */
export function annotationWarnings(annotations: Readonly<Record<string, string>>): string[] {
  return orders.flatMap(([annotation, means, otherwise]) => {
    const value = ownField(annotations, annotation);
    return value === undefined || means(value) ? [] : [`annotation ${annotation}: "${value}" ${otherwise}`];
  });
}
