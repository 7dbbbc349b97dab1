/** Work that is under way, by key: whoever wants the same while it runs gets its result. */
export type SharedRuns<Result> = {
  share(key: string, signal: AbortSignal, run: () => Promise<Result>): Promise<Result>;
};

/**
 * Remembers what is under way until it ends. A waiting caller shares a result, and a failure that `isFinal` says would
 * come again; that another caller gave up is no reason for this one to, so then it runs the work itself.
 */
export function createSharedRuns<Result>(isFinal: (error: unknown) => boolean): SharedRuns<Result> {
  const running = new Map<string, Promise<Result>>();
  const share: SharedRuns<Result>['share'] = async (key, signal, run) => {
    const other = running.get(key);
    if (other !== undefined) {
      try {
        return await other;
      } catch (error) {
        if (isFinal(error) || signal.aborted) throw error;
      }
      return await share(key, signal, run);
    }
    const own = run().finally(() => running.delete(key));
    running.set(key, own);
    return await own;
  };
  return { share };
}
