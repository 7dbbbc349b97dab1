import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One request as it arrived. */
export type Asked = { readonly method: string; readonly url: URL; readonly body: unknown };

/** What to answer: a body, or a status with a body and headers. */
export type Scripted =
  | { readonly status?: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }
  | 'hang up';

export type ScriptedApi = {
  readonly url: string;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
};

/**
 * A real HTTP server on a free port whose answers a test decides, for replies and failures that a healthy server
 * does not give on demand. `answer` gets the request and how often its method and path were asked for before.
 */
export async function startScriptedApi(
  answer: (request: Asked, earlier: number) => Scripted | undefined,
): Promise<ScriptedApi> {
  const asked: Asked[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const request = await read(incoming);
    const earlier = asked.filter(
      (one) => one.method === request.method && one.url.pathname === request.url.pathname,
    ).length;
    asked.push(request);
    const scripted = answer(request, earlier);
    if (scripted === 'hang up') {
      outgoing.destroy();
      return;
    }
    outgoing.writeHead(scripted === undefined ? 404 : (scripted.status ?? 200), {
      'content-type': 'application/json',
      ...scripted?.headers,
    });
    const missing = { code: 5, message: `no script for ${request.url.pathname}` };
    outgoing.end(JSON.stringify(scripted === undefined ? missing : scripted.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(incoming: IncomingMessage): Promise<Asked> {
  const body = await text(incoming);
  return {
    method: incoming.method ?? '',
    url: new URL(incoming.url ?? '/', 'http://localhost'),
    body: body === '' ? undefined : JSON.parse(body),
  };
}
