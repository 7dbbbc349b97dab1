import { ownField } from '../../core/own-field.ts';
import { type Received, type Reply, sentFailure } from './calls.ts';

/** Work of a launcher by its name; the signal stops it. */
export type Handlers = Readonly<Record<string, (input: never, signal: AbortSignal) => Promise<unknown>>>;

const endMilliseconds = 2000;

/**
 * Answers the process that started this one until it is gone; what is under way then is stopped, and this process ends.
 * Signals that a terminal sends to all are left to the other process, which may want to finish something first.
 */
export function serveCalls(handlers: Handlers): void {
  const running = new Map<number, AbortController>();
  const reply = (message: Reply): void => {
    // The other process may just have ended.
    process.send?.(message, undefined, undefined, () => undefined);
  };
  const answer = async (id: number, name: string, input: never): Promise<void> => {
    const stopping = new AbortController();
    running.set(id, stopping);
    try {
      reply({ id, output: await ownField(handlers, name)?.(input, stopping.signal) });
    } catch (cause) {
      reply({ id, failure: sentFailure(cause) });
    } finally {
      running.delete(id);
    }
  };
  process.on('message', (request: Received) => {
    if ('stop' in request) running.get(request.id)?.abort();
    else void answer(request.id, request.name, request.input);
  });
  process.on('disconnect', () => {
    for (const stopping of running.values()) stopping.abort();
    const end = (): void => {
      if (running.size === 0) process.exit(0);
    };
    setInterval(end, 20);
    setTimeout(() => process.exit(1), endMilliseconds);
    end();
  });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
}
