import type { SeenObject } from '../../../core/application/compared.ts';
import type { ClusterView } from '../cluster-view.ts';

/** Objects named one by one; the others are only counted, as one broken script speaks of all objects of a kind. */
const mostNamed = 5;

/** What keeps objects of an application from being judged, as sentences for its conditions. */
export function healthErrors(
  { healthErrorOf }: Pick<ClusterView, 'healthErrorOf'>,
  compared: readonly Pick<SeenObject, 'hook' | 'live'>[],
): string[] {
  const errors = compared.flatMap(({ hook, live }) =>
    hook || live === undefined ? [] : (healthErrorOf(live) ?? []),
  );
  const sentences = errors.slice(0, mostNamed).map((error) => `error setting app health: ${error}`);
  const more = errors.length - sentences.length;
  return more > 0 ? [...sentences, `error setting app health: ${more} more objects`] : sentences;
}
