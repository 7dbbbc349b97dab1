import { condition, setHandler } from '@temporalio/workflow';
import type { SettledHint } from './messages.ts';
import { nudgeSignal, settledSignal } from './signals.ts';

/** How long a wait goes without a hint before it looks for itself: a lost signal costs this much, never the sync. */
const recheckMilliseconds = 45_000;

/** Signals that arrived and have not been looked at. */
export type Hints = {
  /** Resolves at the next hint about this group, a nudge, or when it is time to look anyway. */
  settledOrDue(place: SettledHint): Promise<void>;
  /** Resolves at the next nudge or after `milliseconds`. */
  nudgedOrAfter(milliseconds: number): Promise<void>;
  /** Replaces what a nudge sets off. */
  onNudge(listener: () => Promise<void>): void;
};

/** Registers the signal handlers of an operation's workflow. */
export function listenForHints(): Hints {
  const settled = new Set<string>();
  let nudges = 0;
  let listener: () => Promise<void> = async () => {};
  const place = (hint: SettledHint): string => `${hint.attempt}/${hint.phase}/${hint.wave}`;

  setHandler(settledSignal, (hint) => {
    settled.add(place(hint));
  });
  setHandler(nudgeSignal, async () => {
    nudges += 1;
    await listener();
  });

  return {
    async settledOrDue(hint) {
      const seen = nudges;
      await condition(() => settled.has(place(hint)) || nudges > seen, recheckMilliseconds);
      settled.delete(place(hint));
    },
    async nudgedOrAfter(milliseconds) {
      const seen = nudges;
      await condition(() => nudges > seen, milliseconds);
    },
    onNudge(next) {
      listener = next;
    },
  };
}
