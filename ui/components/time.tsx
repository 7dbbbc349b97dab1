import { agoText } from '../state/time-text.ts';
import { useNow } from '../state/use-now.ts';

/** A moment as "3 min ago", with the exact time on hover; moves on by itself twice a minute. */
export function Ago({ time }: { readonly time: string | undefined }) {
  const now = useNow(time !== undefined, 30_000);
  if (time === undefined) return <span className="faint">never</span>;
  const at = Date.parse(time);
  return (
    <time dateTime={time} title={new Date(at).toLocaleString()}>
      {agoText(at, Math.max(now, at))}
    </time>
  );
}
