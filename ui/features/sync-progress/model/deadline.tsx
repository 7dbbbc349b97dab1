import { clockText } from '../../../state/time-text.ts';

type DeadlineProps = { readonly word: string; readonly at: string; readonly now: number };

/** A time to come and how far away it is: `until 15:04:05 (in 4:12)`. */
export function Deadline({ word, at, now }: DeadlineProps) {
  const time = Date.parse(at);
  return (
    <span title={new Date(time).toLocaleString()}>
      {word} {new Date(time).toLocaleTimeString()} ({time > now ? `in ${clockText(time - now)}` : 'now'})
    </span>
  );
}
