import { condition, setHandler } from '@temporalio/workflow';
import type { SettledHint } from '../messages.ts';
import { nudgeSignal, settledSignal } from '../signals.ts';

/** Signals that have arrived and that nobody has acted on. */
export type Hints = {
  /** Resolves at the next hint about this group, at a nudge, or after `milliseconds`. */
  settledOrAfter(hint: SettledHint, milliseconds: number): Promise<void>;
  /** Resolves at the next nudge or after `milliseconds`. */
  nudgedOrAfter(milliseconds: number): Promise<void>;
  /** Has a nudge set something off. */
  onNudge(listener: () => Promise<void>): void;
};

/** Registers the signal handlers of an operation's workflow. */
export function listenForHints(): Hints {
  const settled = new Set<string>();
  let nudges = 0;
  let listener: () => Promise<void> = async () => {};
  const groupOf = (hint: SettledHint): string => `${hint.attempt}/${hint.phase}/${hint.wave}`;

  setHandler(settledSignal, (hint) => {
    settled.add(groupOf(hint));
  });
  setHandler(nudgeSignal, async () => {
    nudges += 1;
    await listener();
  });

  return {
    async settledOrAfter(hint, milliseconds) {
      const seen = nudges;
      await condition(() => settled.has(groupOf(hint)) || nudges > seen, milliseconds);
      settled.delete(groupOf(hint));
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
