import { Context } from '@temporalio/activity';

/**
 * Stops work that whoever asks next joins: when the worker ends, time is up, or somebody wants it stopped. That the run
 * which asked for it doesn't wait any longer is no reason: it has handed over, or lost an attempt whose heartbeats were
 * late, and the one that follows asks again.
 */
export function joinedSignal(
  context: Pick<Context, 'cancellationDetails' | 'cancellationSignal'> = Context.current(),
): AbortSignal {
  const { cancellationSignal } = context;
  const stopping = new AbortController();
  const stop = (): void => {
    if (context.cancellationDetails?.notFound !== true) stopping.abort(cancellationSignal.reason);
  };
  if (cancellationSignal.aborted) stop();
  else cancellationSignal.addEventListener('abort', stop, { once: true });
  return stopping.signal;
}
