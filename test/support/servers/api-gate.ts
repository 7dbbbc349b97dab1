import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request as forward } from 'node:https';
import type { AddressInfo } from 'node:net';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';

/** One request as it came to the API server. */
export type Asked = {
  readonly at: number;
  readonly user: string;
  readonly method: string;
  readonly url: URL;
};

/** A plain door before the API server that notes who asks what, and holds back what it is told to. */
export async function openGate(kubeconfigPath: string) {
  const { server: far, tls } = credentialsFromKubeconfig(readFileSync(kubeconfigPath, 'utf8'));
  const agent = new Agent({ ca: tls.caData, cert: tls.certData, key: tls.keyData, keepAlive: true });
  const asked: Asked[] = [];
  let held: { readonly matches: (one: Asked) => boolean; readonly pass: () => Promise<void> } | undefined;
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { method, headers } = incoming;
    const sent = forward(new URL(incoming.url ?? '/', far), { agent, method, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    sent.on('error', () => outgoing.destroy());
    outgoing.on('close', () => sent.destroy());
    incoming.pipe(sent);
  };
  const listener = createServer(async (incoming, outgoing) => {
    const { method = '', url = '/', headers } = incoming;
    const user = String(headers['impersonate-user']);
    const one = { at: performance.now(), user, method, url: new URL(url, far) };
    asked.push(one);
    if (held?.matches(one) === true) await held.pass();
    pass(incoming, outgoing);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked: asked as readonly Asked[],
    /** Holds back requests that match until `go`. */
    hold(matches: (one: Asked) => boolean) {
      const reached = Promise.withResolvers<void>();
      const gone = Promise.withResolvers<void>();
      held = {
        matches,
        pass() {
          reached.resolve();
          return gone.promise;
        },
      };
      return { reached: reached.promise, go: () => gone.resolve() };
    },
    close: () =>
      new Promise<void>((resolve) => {
        agent.destroy();
        listener.close(() => resolve());
        listener.closeAllConnections();
      }),
  };
}
