/** What a pacer does, and how often for each subject. */
export type Pace = {
  /** From the start of one piece of work to that of the next. */
  readonly paceMilliseconds: number;
  /** The same after one that has failed. */
  readonly retryMilliseconds: number;
  readonly work: (subject: string) => Promise<void>;
  readonly onError: (subject: string, error: unknown) => void;
};

/** Work for many subjects, each at its own pace. */
export type Pacer = {
  /** Asks for work soon; whatever asks before it has begun shares it. */
  schedule(subject: string): void;
  /** Starts nothing more and waits for what is under way. */
  stop(): Promise<void>;
};

/** Does the work of each subject at most once in its time, never twice at once, and again where it is asked for meanwhile. */
export function createPacer({ paceMilliseconds, retryMilliseconds, work, onError }: Pace): Pacer {
  const notBefore = new Map<string, number>();
  const due = new Map<string, NodeJS.Timeout>();
  const running = new Map<string, Promise<void>>();
  const again = new Set<string>();
  let isStopped = false;

  const run = async (subject: string): Promise<void> => {
    notBefore.set(subject, performance.now() + paceMilliseconds);
    try {
      await work(subject);
    } catch (error) {
      onError(subject, error);
      notBefore.set(subject, performance.now() + retryMilliseconds);
      again.add(subject);
    }
  };
  const begin = (subject: string): void => {
    due.delete(subject);
    running.set(
      subject,
      run(subject).finally(() => {
        running.delete(subject);
        if (again.delete(subject)) schedule(subject);
        else forget(subject);
      }),
    );
  };
  /** A subject that is quiet for as long as its pace needs no memory. */
  const forget = (subject: string): void => {
    const rest = (notBefore.get(subject) ?? 0) - performance.now();
    const timer = setTimeout(() => {
      if ((notBefore.get(subject) ?? 0) <= performance.now()) notBefore.delete(subject);
    }, Math.max(0, rest) + 1);
    timer.unref();
  };
  const schedule = (subject: string): void => {
    if (isStopped || due.has(subject)) return;
    if (running.has(subject)) {
      again.add(subject);
      return;
    }
    const rest = (notBefore.get(subject) ?? 0) - performance.now();
    due.set(
      subject,
      setTimeout(() => begin(subject), Math.max(0, rest)),
    );
  };
  return {
    schedule,
    async stop() {
      isStopped = true;
      for (const timer of due.values()) clearTimeout(timer);
      due.clear();
      await Promise.all(running.values());
    },
  };
}
