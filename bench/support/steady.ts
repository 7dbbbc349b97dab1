/** One figure at some times. */
export type Series = readonly { readonly seconds: number; readonly value: number }[];

/** A rise as a part of the figure's mean, and twice its standard error: what a rise is in doubt by. */
export type Rise = { readonly rise: number; readonly doubt: number };

/**
 * By how much a figure rises over a window: of the line with the least squares, so that a garbage collection or a vacuum
 * at its end decides nothing. 0 for a figure that stays, also at nothing.
 */
export function riseOf(series: Series): Rise {
  const count = series.length;
  if (count < 2) return { rise: 0, doubt: 0 };
  const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / count;
  const [time, level] = [mean(series.map(({ seconds }) => seconds)), mean(series.map(({ value }) => value))];
  const spread = series.reduce((sum, { seconds }) => sum + (seconds - time) ** 2, 0);
  const slope =
    series.reduce((sum, { seconds, value }) => sum + (seconds - time) * (value - level), 0) / spread;
  const left = series.reduce(
    (sum, { seconds, value }) => sum + (value - level - slope * (seconds - time)) ** 2,
    0,
  );
  const error = count > 2 ? Math.sqrt(left / (count - 2) / spread) : 0;
  const length = (series.at(-1)?.seconds ?? 0) - (series[0]?.seconds ?? 0);
  const share = (perSecond: number): number => (level === 0 ? 0 : (perSecond * length) / level);
  return { rise: share(slope), doubt: share(2 * error) };
}
