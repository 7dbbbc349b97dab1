/** One figure at some times. */
export type Series = readonly { readonly seconds: number; readonly value: number }[];

/**
 * By how much a figure rises over a window, as a part of its mean there: of the line with the least squares, so that a
 * garbage collection or a vacuum at its end decides nothing. 0 for a figure that stays, also at nothing.
 */
export function riseOf(series: Series): number {
  const count = series.length;
  if (count < 2) return 0;
  const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / count;
  const [time, level] = [mean(series.map(({ seconds }) => seconds)), mean(series.map(({ value }) => value))];
  const spread = series.reduce((sum, { seconds }) => sum + (seconds - time) ** 2, 0);
  const slope =
    series.reduce((sum, { seconds, value }) => sum + (seconds - time) * (value - level), 0) / spread;
  const length = (series.at(-1)?.seconds ?? 0) - (series[0]?.seconds ?? 0);
  return level === 0 ? 0 : (slope * length) / level;
}
