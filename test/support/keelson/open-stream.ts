import type { Api } from '../../../api/context.ts';
import { eventually } from './api/api.ts';
import { checkReply } from './api/reply-check.ts';

/** A stream that is read as it comes. */
export type Stream = {
  readonly response: Response;
  readonly messages: unknown[];
  ended(): boolean;
  next(what: string, matches: (message: unknown) => boolean): Promise<unknown>;
  cancel(): Promise<void>;
};

/** Opens a stream and collects its messages; works for both forms. */
export async function openStream(
  api: Api,
  path: string,
  token: string,
  accept = 'text/event-stream',
): Promise<Stream> {
  const response = await api.request(path, { headers: { token, accept } });
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error('the stream has no body');
  const messages: unknown[] = [];
  let ended = false;
  let rest = '';
  const pump = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      rest += decoder.decode(value, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const json = line.replace(/^data: /, '').trim();
        if (!json.startsWith('{')) continue;
        const message: unknown = JSON.parse(json);
        checkReply({ method: 'GET', path, status: response.status, body: message });
        messages.push(message);
      }
    }
    ended = true;
  };
  const pumping = pump();
  return {
    response,
    messages,
    ended: () => ended,
    next: (what, matches) => eventually(what, () => messages.find(matches)),
    async cancel() {
      await reader.cancel();
      await pumping;
    },
  };
}
