import { getCACertificates } from 'node:tls';
import { type Dispatcher, ProxyAgent } from 'undici';
import { basicAuthorization } from '../../../platform/basic-authorization.ts';
import type { Way } from '../../../platform/way-out/way-out.ts';
import { redirectOf } from '../../remote/redirect.ts';
import type { Proofs } from '../access/connection.ts';
import type { Remote } from '../access/remote.ts';

/** One request to an LFS server, or to where it says that a file is. */
export type LfsQuestion = {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
};

/** The servers that LFS leads to, reached by the way out and with the credentials of the repository. */
export type LfsUpstream = {
  ask(question: LfsQuestion, signal: AbortSignal): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
};

const mostRedirects = 5;
const silenceMs = 30_000;

/** Opens nothing before the first question. */
export function createUpstream(
  way: Way & { readonly proxy: string },
  remote: Remote,
  proofs: Proofs,
): LfsUpstream {
  const origin =
    remote.protocol === 'ssh' || remote.protocol === 'file' ? undefined : new URL(remote.url).origin;
  const proxy = new URL(way.proxy);
  const token = basicAuthorization(proxy.username, proxy.password);
  const through = (tls: object): ProxyAgent =>
    new ProxyAgent({
      ...{ uri: proxy.origin, token, proxyTunnel: true, requestTls: tls },
      ...{ headersTimeout: silenceMs, bodyTimeout: silenceMs },
    });
  // As Git and its extension do, what the machine trusts is trusted, and what is registered for the repository's host.
  const ca = [...getCACertificates('default'), ...getCACertificates('system')];
  const agents = { own: through(ownTls(remote, ca)), other: through({ ca }) };
  let login: string | undefined;

  /** One request; a login goes along once its own server has asked for it. */
  const send = async (question: LfsQuestion, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    const { url, method, headers, body = null } = question;
    const isOwn = url.origin === origin;
    const proof = isOwn && headers['authorization'] === undefined ? (proofs.header ?? login) : undefined;
    const reply = await agents[isOwn ? 'own' : 'other'].request({
      ...{ origin: url.origin, path: `${url.pathname}${url.search}`, method, body, signal },
      headers: { ...headers, ...(proof === undefined ? {} : { authorization: proof }) },
    });
    const asks = reply.statusCode === 401 && isOwn && proof === undefined;
    if (!asks || proofs.login === undefined) return reply;
    await reply.body.dump();
    login = basicAuthorization(proofs.login.username, proofs.login.password);
    return await send(question, signal);
  };

  const ask = async (question: LfsQuestion, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    let { url, headers } = question;
    for (let hops = 0; ; hops += 1) {
      const reply = await send({ ...question, url, headers }, signal);
      const next = webRedirectOf(reply, url);
      if (next === undefined || hops === mostRedirects) return reply;
      await reply.body.dump();
      // What proves who asks is for one server alone, and so are the headers that it gave with an address.
      if (next.origin !== url.origin) headers = withoutProofs(headers);
      url = next;
    }
  };

  return { ask, close: async () => void (await Promise.all([agents.own.destroy(), agents.other.destroy()])) };
}

function ownTls({ credentials, caBundle }: Remote, ca: readonly string[]): object {
  const { insecure, tlsClientCertData: cert, tlsClientCertKey: key } = credentials;
  return {
    rejectUnauthorized: insecure !== true,
    ca: caBundle === undefined ? ca : [caBundle],
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}

/** Another address of the web; from https nothing leads back to http. */
function webRedirectOf(reply: Dispatcher.ResponseData, from: URL): URL | undefined {
  const next = redirectOf(reply, from);
  if (next === undefined || !/^https?:$/.test(next.protocol)) return undefined;
  return from.protocol === 'https:' && next.protocol === 'http:' ? undefined : next;
}

const neutral = new Set(['accept', 'content-type', 'user-agent', 'range']);

function withoutProofs(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => neutral.has(name)));
}
