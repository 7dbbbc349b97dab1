import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { startApi, type TestApi } from './api.ts';

/** The test API behind a real socket. */
export type ServedApi = TestApi & { readonly url: string };

/** Serves the API on a free port of 127.0.0.1. */
export async function serveApi(options: Parameters<typeof startApi>[0] = {}): Promise<ServedApi> {
  const api = await startApi(options);
  const server = serve({ fetch: api.api.fetch, hostname: '127.0.0.1', port: 0 });
  if (!server.listening) await new Promise<void>((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...api,
    url: `http://127.0.0.1:${port}`,
    async close() {
      await new Promise((resolve) => server.close(resolve));
      await api.close();
    },
  };
}
