import { clockText } from '../state/time-text.ts';
import type { Freshness } from '../state/use-follow.ts';
import { useNow } from '../state/use-now.ts';
import { Icon } from './icon.tsx';

/** Says that what is on the page may be old, since when, and why. A loss that heals within two seconds stays unseen. */
export function StaleBanner({ freshness }: { readonly freshness: Freshness }) {
  const lost = freshness.state === 'lost';
  const now = useNow(lost);
  if (!lost) return null;
  const age = now - (freshness.since ?? now);
  if (age < 2_000) return null;
  return (
    <div className="stale" role="alert">
      <Icon name="offline" />
      <span>
        Live updates stopped {clockText(age)} ago; what you see may be old. Reconnecting
        {freshness.error === undefined ? '' : `: ${freshness.error}`}
      </span>
    </div>
  );
}
