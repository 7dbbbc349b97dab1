import { shareNext } from '../access/shared-listing.ts';

/** Does `run` with what this caller wants and with what all others want who come while another run is under way. */
export type Gather<Outcome> = (
  key: string,
  wanted: readonly string[],
  run: (all: readonly string[], signal: AbortSignal) => Promise<Outcome>,
  signal?: AbortSignal,
) => Promise<Outcome>;

/** Lets a hundred callers that begin at once cost two runs, not a hundred. */
export function gatherNext<Outcome>(): Gather<Outcome> {
  const share = shareNext<Outcome>();
  const wantedNext = new Map<string, Set<string>>();
  return (key, wanted, run, signal) => {
    const all = wantedNext.get(key) ?? new Set();
    wantedNext.set(key, all);
    for (const one of wanted) all.add(one);
    const begin = (stopped: AbortSignal): Promise<Outcome> => {
      wantedNext.delete(key);
      return run([...all], stopped);
    };
    return share(key, begin, signal);
  };
}
