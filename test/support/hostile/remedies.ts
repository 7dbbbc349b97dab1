import { expect, it } from 'vitest';
import { describeError, KeelsonError } from '../../../core/errors.ts';

/** A fault, a part of the words that it meets, and the same with their advice followed. */
export type Followed<Input> = readonly [says: string, fault: Input, helped: Input];

/** One test a row: `judge` tells the problems of an input, of which the helped one has none any more. */
export function followEach<Input>(
  judge: (input: Input) => readonly string[] | Promise<readonly string[]>,
  rows: readonly Followed<Input>[],
): void {
  it.each(rows)('%s', async (says, fault, helped) => {
    expect((await judge(fault)).join('\n')).toContain(says);
    expect(await judge(helped)).toEqual([]);
  });
}

/** What was thrown in words, of Keelson's own errors and of its readers only; nothing when nothing was. */
export async function problemsOf(act: () => unknown): Promise<string[]> {
  try {
    await act();
    return [];
  } catch (error) {
    if (error instanceof KeelsonError) return [describeError(error)];
    if (error instanceof SyntaxError) return [error.message];
    throw error;
  }
}
