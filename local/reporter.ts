/** Tells a person at a terminal, or a log, how far something slow is. */
export type Reporter = {
  /** A line that stays. */
  say(line: string): void;
  /** A line that the next one may replace. */
  progress(line: string): void;
};

/** Without a terminal a progress line is repeated only this often, so that a log stays readable. */
const quietSeconds = 15;

/** Writes to a stream: on a terminal progress replaces itself, elsewhere it appears now and then. */
export function createReporter(stream: NodeJS.WriteStream = process.stderr): Reporter {
  const terminal = stream.isTTY === true;
  let open = false;
  let lastProgress = 0;
  const clear = (): void => {
    if (open) stream.write('\r\u001b[2K');
    open = false;
  };
  return {
    say: (line) => {
      clear();
      stream.write(`${line}\n`);
      lastProgress = Date.now();
    },
    progress: (line) => {
      if (terminal) {
        clear();
        stream.write(line.slice(0, (stream.columns || 80) - 1));
        open = true;
        return;
      }
      if (Date.now() - lastProgress < quietSeconds * 1000) return;
      lastProgress = Date.now();
      stream.write(`${line}\n`);
    },
  };
}

/** Says nothing; for callers that show their own progress. */
export const quietReporter: Reporter = { say: () => {}, progress: () => {} };
