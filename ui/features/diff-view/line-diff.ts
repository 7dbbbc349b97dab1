/** One row of a comparison; line numbers count from 1 and are absent on the side that lacks the line. */
type DiffLine = {
  readonly change: 'same' | 'added' | 'removed';
  readonly text: string;
  readonly before?: number;
  readonly after?: number;
};

/** Rows that belong together, or how many equal rows are folded away between two of them. */
type DiffHunk =
  | { readonly type: 'lines'; readonly lines: readonly DiffLine[] }
  | { readonly type: 'fold'; readonly count: number };

/** Beyond this many cells the table of common lines costs too much; a changed block is then shown as a whole. */
const largestTable = 4_000_000;

/** Compares two texts line by line by their longest common subsequence. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const a = linesOf(before);
  const b = linesOf(after);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let tail = 0;
  while (tail < a.length - start && tail < b.length - start && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const middle = changedPart(a.slice(start, a.length - tail), b.slice(start, b.length - tail));
  const rows: Row[] = [
    ...a.slice(0, start).map((text) => ({ change: 'same' as const, text })),
    ...middle,
    ...a.slice(a.length - tail).map((text) => ({ change: 'same' as const, text })),
  ];
  return numbered(rows);
}

/** Keeps `context` equal rows around each change and folds the rest. */
export function foldEqual(lines: readonly DiffLine[], context: number): readonly DiffHunk[] {
  const near = new Set<number>();
  for (const [index, line] of lines.entries()) {
    if (line.change === 'same') continue;
    for (let at = index - context; at <= index + context; at += 1) near.add(at);
  }
  const hunks: DiffHunk[] = [];
  for (const [index, line] of lines.entries()) {
    const last = hunks.at(-1);
    if (near.has(index)) {
      if (last?.type === 'lines') hunks[hunks.length - 1] = { type: 'lines', lines: [...last.lines, line] };
      else hunks.push({ type: 'lines', lines: [line] });
    } else if (last?.type === 'fold') hunks[hunks.length - 1] = { type: 'fold', count: last.count + 1 };
    else hunks.push({ type: 'fold', count: 1 });
  }
  return hunks;
}

type Row = { readonly change: DiffLine['change']; readonly text: string };

function linesOf(text: string): string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

function changedPart(a: readonly string[], b: readonly string[]): Row[] {
  const rows: Row[] = [];
  if (a.length * b.length > largestTable) {
    rows.push(...a.map((text) => ({ change: 'removed' as const, text })));
    rows.push(...b.map((text) => ({ change: 'added' as const, text })));
    return rows;
  }
  const common = commonLengths(a, b);
  const width = b.length + 1;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const textA = a[i];
    const textB = b[j];
    if (textA !== undefined && textA === textB) {
      rows.push({ change: 'same', text: textA });
      i += 1;
      j += 1;
    } else if (
      textB === undefined ||
      below(common, (i + 1) * width + j) >= below(common, i * width + j + 1)
    ) {
      if (textA === undefined) {
        rows.push({ change: 'added', text: textB ?? '' });
        j += 1;
      } else {
        rows.push({ change: 'removed', text: textA });
        i += 1;
      }
    } else {
      rows.push({ change: 'added', text: textB });
      j += 1;
    }
  }
  return rows;
}

/** Length of the longest common subsequence of the rests of `a` and `b`, for every pair of positions. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint32Array {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const at = i * width + j;
      lengths[at] =
        a[i] === b[j]
          ? below(lengths, at + width + 1) + 1
          : Math.max(below(lengths, at + width), below(lengths, at + 1));
    }
  }
  return lengths;
}

function below(lengths: Uint32Array, at: number): number {
  return lengths[at] ?? 0;
}

function numbered(rows: readonly Row[]): DiffLine[] {
  let before = 0;
  let after = 0;
  return rows.map(({ change, text }) => {
    if (change !== 'added') before += 1;
    if (change !== 'removed') after += 1;
    return {
      change,
      text,
      ...(change === 'added' ? {} : { before }),
      ...(change === 'removed' ? {} : { after }),
    };
  });
}
