/**
 * Makes a way to ask for something that is never done twice at a time: whoever asks while it is being done has it done once
 * more, whoever else asks too. It rejects for the one who began it; what was asked for meanwhile is not done then.
 */
export function runAgain(run: () => Promise<void>): () => Promise<void> {
  let running = false;
  let again = false;
  return async () => {
    again = running;
    if (running) return;
    running = true;
    try {
      do {
        again = false;
        await run();
      } while (again);
    } finally {
      running = false;
    }
  };
}
