/** Numbers of one kind, in the order in which they were measured. */
export type Sample = readonly number[];

/** The value below which `part` (0 to 1) of a sample lies; NaN for an empty one. */
export function quantile(sample: Sample, part: number): number {
  const sorted = sample.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/** A table of samples in milliseconds: one row each, with median, 90th percentile and maximum. */
export function quantileTable(rows: Readonly<Record<string, Sample>>): string {
  const width = Math.max(...Object.keys(rows).map((name) => name.length));
  const cells = (values: readonly string[]): string => values.map((value) => value.padStart(8)).join('');
  const lines = Object.entries(rows).map(([name, sample]) => {
    const values = [quantile(sample, 0.5), quantile(sample, 0.9), quantile(sample, 1)];
    return `  ${name.padEnd(width)}${cells(values.map((value) => value.toFixed(0)))}`;
  });
  return [`  ${'ms'.padEnd(width)}${cells(['p50', 'p90', 'max'])}`, ...lines].join('\n');
}
