import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packChart, runHelm, type TestChart } from './helm-charts.ts';

/** One request that reached the server. */
export type ChartRequestSeen = {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly status: number;
};

/** A Helm repository: a folder with archives and the index that the real Helm wrote, served with what auth asks. */
export type ChartServer = {
  readonly url: string;
  readonly dir: string;
  readonly requests: ChartRequestSeen[];
  /** Packs charts and writes the index anew. */
  publish(charts: readonly TestChart[]): Promise<void>;
  requireAuth(username: string, password: string): void;
  /** Answers a path with a redirect. */
  redirect(path: string, to: string): void;
  stop(): Promise<void>;
};

export type ChartServerOptions = {
  readonly helm: string;
  /** PEM; with a `ca` clients have to show a certificate of it. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string };
};

/** Starts an empty repository on a free loopback port. */
export async function startChartServer({ helm, tls }: ChartServerOptions): Promise<ChartServer> {
  const dir = await mkdtemp(join(tmpdir(), 'keelson-chart-server-'));
  const requests: ChartRequestSeen[] = [];
  const redirects = new Map<string, string>();
  let expected: string | undefined;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const { authorization } = request.headers;
    const end = (status: number, body?: Buffer, headers = {}): void => {
      requests.push({ path, authorization, status });
      response.writeHead(status, headers).end(body);
    };
    const target = redirects.get(path);
    if (target !== undefined) return end(302, undefined, { location: target });
    if (expected !== undefined && authorization !== expected) return end(401);
    const body = await readFile(join(dir, path)).catch(() => undefined);
    if (body === undefined) return end(404);
    const etag = `"${body.length}-${path}"`;
    if (request.headers['if-none-match'] === etag) return end(304);
    return end(200, body, { etag });
  };
  const listen = (request: IncomingMessage, response: ServerResponse): void => void answer(request, response);
  const server =
    tls === undefined
      ? createPlain(listen)
      : createSecure({ ...tls, requestCert: tls.ca !== undefined, rejectUnauthorized: true }, listen);
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('the server has no port');
      resolve(address.port);
    });
  });
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  return {
    url,
    dir,
    requests,
    publish: async (charts) => {
      for (const chart of charts) await packChart(helm, dir, chart);
      await runHelm(helm, ['repo', 'index', dir], dir);
    },
    requireAuth: (username, password) => {
      expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    },
    redirect: (path, to) => void redirects.set(path, to),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(dir, { recursive: true, force: true });
    },
  };
}
