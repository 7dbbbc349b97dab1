import { parseJson } from '../core/object/json/json.ts';
import { send, unauthenticatedEvent } from './api.ts';
import { ApiError, readApiError } from './api-error.ts';
import { takeFrames } from './stream-frames.ts';

/** The server sends a comment every 15 s; twice that without a byte means that the connection is dead. */
const silenceMs = 32_000;

/** Changes that arrive together are shown together: a wave of a hundred objects is one render. */
const batchMs = 250;

/**
 * Reads one event stream until it ends, hands its messages over in batches, and throws when it fails. `fetch`
 * rather than EventSource, which hides both the status of a refusal and the silence of a dead connection.
 */
export async function readStream<T>(
  url: string,
  signal: AbortSignal,
  on: { readonly open: () => void; readonly batch: (messages: readonly T[]) => void },
): Promise<void> {
  const connection = new AbortController();
  const stop = () => connection.abort();
  signal.addEventListener('abort', stop);
  const batch = createBatch(on.batch);
  let silence = setTimeout(stop, silenceMs);
  try {
    const body = await connect(url, connection.signal);
    on.open();
    let text = '';
    for await (const chunk of chunksOf(body)) {
      clearTimeout(silence);
      silence = setTimeout(stop, silenceMs);
      const { messages, rest } = takeFrames(text + chunk);
      text = rest;
      for (const message of messages) {
        batch.add(parseJson(message) as T);
      }
    }
    batch.flush();
  } finally {
    clearTimeout(silence);
    batch.drop();
    signal.removeEventListener('abort', stop);
    connection.abort();
  }
}

async function connect(url: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const response = await send(url, {
    headers: { Accept: 'text/event-stream' },
    credentials: 'same-origin',
    signal,
  });
  if (response.status === 401) window.dispatchEvent(new Event(unauthenticatedEvent));
  if (!response.ok) throw readApiError(response.status, await response.text());
  if (response.body === null) throw new ApiError(0, 'the stream is empty; try again');
  return response.body;
}

async function* chunksOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

function createBatch<T>(deliver: (messages: readonly T[]) => void) {
  let waiting: T[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const messages = waiting;
    waiting = [];
    if (messages.length > 0) deliver(messages);
  };
  return {
    add(message: T) {
      waiting.push(message);
      timer ??= setTimeout(flush, batchMs);
    },
    flush,
    drop() {
      clearTimeout(timer);
      waiting = [];
    },
  };
}
