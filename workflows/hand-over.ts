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

/**
 * The length from which on a run hands over. A worker that has lost a run from its memory replays it from its first event,
 * and has the ten seconds of one workflow task for it: a run that takes longer is given out and begun anew again and
 * again, and never gets on. Measured on two cores that were busy 18 times over: 75 events a second.
 */
const longEvents = 400;
/** Ends of a run are refused while signals come; after so many events of trying it works for as many. */
const eventsOfTrying = 20;

/** A run that is long already when a release comes that hands over in more places replays without them. */
const everyLoop = 'every-loop-hands-over';

/** The same for a run from before histories were kept short. */
const shortHistories = 'short-histories';

/**
 * Whether a run that is kept short has to hand over; false in one from before, which replays as it ran. To be asked first
 * of all that follows a signal: a signal that comes while the run ends makes it try again, and each moment counts.
 */
export function isDue(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  const isTried = historyLength % (2 * eventsOfTrying) < eventsOfTrying;
  return (continueAsNewSuggested || (historyLength >= longEvents && isTried)) && patched(shortHistories);
}

/** Hands over to a run with the input that `inputAt` makes of a place. */
export function handingOver<F extends Workflow, Place = void>(
  inputAt: (place: Place) => Parameters<F>,
): HandOver<Place> {
  const isLong = (): boolean => {
    const { continueAsNewSuggested } = workflowInfo();
    return continueAsNewSuggested ? patched(everyLoop) : isDue();
  };
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
