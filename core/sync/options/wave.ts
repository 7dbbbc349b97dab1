import { type Annotated, annotationNumber } from '../../object/annotated-list.ts';
import { helmHookWeightAnnotation, syncWaveAnnotation } from '../../object/annotations.ts';
import { ownField } from '../../own-field.ts';

/** Waves beyond this have no order that anybody could mean, and no room in the records. */
const farthestWave = 1_000_000_000;

/** The wave that an object asks for, else its Helm hook weight, else 0. */
export function waveOf(object: Annotated): number {
  return waveIn(object, syncWaveAnnotation) ?? waveIn(object, helmHookWeightAnnotation) ?? 0;
}

function waveIn(object: Annotated, annotation: string): number | undefined {
  const wave = annotationNumber(object, annotation);
  return wave === undefined || Math.abs(wave) > farthestWave ? undefined : wave;
}

/** What is wrong with the wave that an object asks for, with the wave that counts instead. */
export function waveProblem(object: Annotated): string | undefined {
  for (const annotation of [syncWaveAnnotation, helmHookWeightAnnotation]) {
    const text = ownField(object.metadata.annotations, annotation);
    if (text === undefined) continue;
    if (waveIn(object, annotation) !== undefined) return undefined;
    return `${annotation} "${text}" is no whole number, wave ${waveOf(object)} counts; write a number such as "5"`;
  }
  return undefined;
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
