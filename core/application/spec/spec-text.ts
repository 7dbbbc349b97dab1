import {
  deletionApprovedAnnotation,
  lastAppliedAnnotation,
  refreshAnnotation,
} from '../../object/annotations.ts';
import { canonicalJson } from '../../object/json/canonical.ts';
import type { ApplicationSpec } from './spec.ts';

/** What an owner decides about an application. */
export type Decided = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
  readonly spec: ApplicationSpec;
};

/**
 * Annotations in which tools and Keelson itself keep books: requests that are taken up and cleared, words that are given
 * to one run, memories of what was applied or told. None of them changes what the application should be.
 */
const bookkeeping: ReadonlySet<string> = new Set([
  deletionApprovedAnnotation,
  lastAppliedAnnotation,
  'argocd.argoproj.io/application-set-refresh',
  'argocd.argoproj.io/hydrate',
  refreshAnnotation,
  'notified.notifications.argoproj.io',
]);

/** Whether an annotation is one of these. */
export function isBookkeeping(annotation: string): boolean {
  return bookkeeping.has(annotation);
}

/**
 * All of an application that counts for its generation, as one text: two applications with the same text have the same
 * generation. The order of finalizers doesn't count, nor does an empty map beside none.
 */
export function specText({ labels, annotations, finalizers, spec }: Decided): string {
  const kept = Object.entries(annotations).filter(([name]) => !isBookkeeping(name));
  return canonicalJson({
    spec,
    labels,
    annotations: Object.fromEntries(kept),
    finalizers: [...finalizers].sort(),
  });
}
