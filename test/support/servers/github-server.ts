import { createVerify } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';

/** The endpoints by which a GitHub server gives tokens to an app. */
export type GithubServer = {
  /** What an enterprise server's base URL is. */
  readonly url: string;
  /** Paths that were asked for, with the status that was answered. */
  readonly asked: string[];
  /** From now on tokens are these and live for so many seconds. */
  give(token: string, seconds: number): void;
  stop(): Promise<void>;
};

export type GithubApp = { readonly id: string; readonly installation: string; readonly publicPem: string };

/** Starts the endpoints for one app that is installed once; claims are checked with its public key. */
export async function startGithubServer(app: GithubApp, tls?: ServerOptions): Promise<GithubServer> {
  const asked: string[] = [];
  let [token, seconds] = ['', 3600];
  const listener: RequestListener = (request, response) => {
    const path = request.url ?? '';
    const [status, body] = answer(request.method ?? '', path, request.headers.authorization ?? '');
    asked.push(`${request.method} ${path} ${status}`);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);

  const answer = (method: string, path: string, authorization: string): [number, object] => {
    if (!isValidClaim(authorization.replace(/^Bearer /, ''), app))
      return [401, { message: 'Bad credentials' }];
    if (method === 'GET' && path === '/api/v3/repos/team/repo/installation') {
      return [200, { id: Number(app.installation) }];
    }
    if (method !== 'POST' || path !== `/api/v3/app/installations/${app.installation}/access_tokens`) {
      return [404, { message: 'Not Found' }];
    }
    return [201, { token, expires_at: new Date(Date.now() + seconds * 1000).toISOString() }];
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}/api/v3`,
    asked,
    give: (next, life) => {
      [token, seconds] = [next, life];
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As GitHub judges: signed by the app's key, issued in the past, living for ten minutes at most. */
function isValidClaim(claim: string, app: { readonly id: string; readonly publicPem: string }): boolean {
  const [head = '', body = '', signature = ''] = claim.split('.');
  const read = (part: string): Record<string, unknown> =>
    JSON.parse(Buffer.from(part, 'base64url').toString() || '{}');
  const isSigned = createVerify('RSA-SHA256')
    .update(`${head}.${body}`)
    .verify(app.publicPem, signature, 'base64url');
  const { iss, iat, exp } = read(body);
  const now = Date.now() / 1000;
  const lives =
    typeof iat === 'number' && typeof exp === 'number' && iat <= now && exp > now && exp - iat <= 600;
  return isSigned && read(head)['alg'] === 'RS256' && iss === app.id && lives;
}
