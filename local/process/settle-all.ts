/**
 * Like Promise.all, but fails only after everything has come to an end, so that whoever cleans up doesn't miss a
 * program that was still starting.
 */
export async function settleAll<Results extends readonly unknown[]>(
  work: readonly [...{ [Index in keyof Results]: Results[Index] | Promise<Results[Index]> }],
): Promise<Results> {
  await Promise.allSettled(work);
  return Promise.all(work) as Promise<unknown> as Promise<Results>;
}
