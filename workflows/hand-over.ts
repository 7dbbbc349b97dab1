import {
  allHandlersFinished,
  condition,
  continueAsNew,
  patched,
  type Workflow,
  workflowInfo,
} from '@temporalio/workflow';

/**
 * The way on of a run whose history has grown long: a fresh run that starts from `place`, while rows say what is done.
 * Every loop of a workflow asks for it in each of its rounds, by `handOver` or `beforeWait`; `npm test` fails for one
 * that doesn't.
 */
export type HandOver<Place> = {
  /** Whether it is time. Takes no turn of the event loop, so that runs of before it was asked replay as they ran. */
  isLong(): boolean;
  /** Ends this run; the fresh one is told `place`. */
  handOver(place: Place): Promise<void>;
  /** Does so if it is time: for loops that wait anyway. */
  beforeWait(place: Place): Promise<void>;
};

/** A run that is long already when a release comes that hands over in more places replays without them. */
const everyLoop = 'every-loop-hands-over';

/** Hands over to a run with the input that `inputAt` makes of a place. */
export function handingOver<F extends Workflow, Place = void>(
  inputAt: (place: Place) => Parameters<F>,
): HandOver<Place> {
  const isLong = (): boolean => workflowInfo().continueAsNewSuggested && patched(everyLoop);
  const handOver = async (place: Place): Promise<void> => {
    // What a signal has begun ends in this run; what it asked for stands in rows, which the fresh run reads.
    await condition(allHandlersFinished);
    await continueAsNew<F>(...inputAt(place));
  };
  return {
    isLong,
    handOver,
    async beforeWait(place) {
      if (isLong()) await handOver(place);
    },
  };
}

/** The same way on from places within another's: `placeOf` says where in the whole such a place is. */
export function handingOverAt<Place, Whole>(
  { isLong, handOver, beforeWait }: HandOver<Whole>,
  placeOf: (place: Place) => Whole,
): HandOver<Place> {
  return {
    isLong,
    handOver: (place) => handOver(placeOf(place)),
    beforeWait: (place) => beforeWait(placeOf(place)),
  };
}
