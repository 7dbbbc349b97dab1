import { request } from 'node:https';

/** How a probe proves who it is and whom it trusts. */
export type ProbeIdentity = {
  readonly caPem: string;
  readonly certificatePem?: string;
  readonly keyPem?: string;
};

/** Status and body of one HTTPS exchange. */
export type ProbeAnswer = { readonly status: number; readonly body: string };

const timeoutMs = 3000;

/** One HTTPS exchange with a local server; the server's certificate is always verified. */
export function probe(
  url: string,
  identity: ProbeIdentity,
  send?: { readonly method: 'POST'; readonly json: unknown },
): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: send?.method ?? 'GET',
        ca: identity.caPem,
        // A connection of its own: a probe must not be answered by a connection to a server that is just ending.
        agent: false,
        timeout: timeoutMs,
        ...(identity.certificatePem === undefined ? {} : { cert: identity.certificatePem }),
        ...(identity.keyPem === undefined ? {} : { key: identity.keyPem }),
        headers: send === undefined ? {} : { 'content-type': 'application/json' },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    outgoing.on('error', reject);
    outgoing.end(send === undefined ? undefined : JSON.stringify(send.json));
  });
}
