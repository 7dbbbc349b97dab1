import { type Annotated, annotationNumber } from '../object/annotated-list.ts';
import { helmHookWeightAnnotation, syncWaveAnnotation } from '../object/annotations.ts';

/** The wave that an object asks for, else its Helm hook weight, else 0. */
export function waveOf(object: Annotated): number {
  return (
    annotationNumber(object, syncWaveAnnotation) ?? annotationNumber(object, helmHookWeightAnnotation) ?? 0
  );
}

/**
 * Waves of pruned objects, mirrored: the lowest wave in use takes the place of the highest and so on, so that
 * objects go in the reverse of the order in which they came.
 */
export function mirrorWaves(waves: Iterable<number>): ReadonlyMap<number, number> {
  const used = [...new Set(waves)].sort((a, b) => a - b);
  const mirrored = used.toReversed();
  return new Map(used.map((wave, index) => [wave, mirrored[index] ?? wave]));
}
