import { KeelsonError } from '../../core/errors.ts';
import type { RepositoryAccess } from '../../core/repository/access.ts';
import { maskText } from '../../platform/mask.ts';

/** Why a server could not be read, as a word that programs branch on. */
type Reason =
  | 'auth'
  | 'connection'
  | 'dns'
  | 'forbidden'
  | 'not-found'
  | 'proxy'
  | 'server'
  | 'timeout'
  | 'tls';

/** What is wrong with the certificate that a server shows, and what it says of the one that it is shown. */
const certificateCodes =
  /^(?!ERR_SSL_)\w*(CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|INVALID_(CA|PURPOSE)|_TOO_(SMALL|WEAK))/;
const clientCertificateCodes = /_ALERT_(NO_|BAD_|UNSUPPORTED_)?(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/;
const tlsCodes = /ERR_TLS|ERR_SSL|EPROTO|ERR_OSSL/;

/** The failure of a repository that gave no usable answer; the sentence follows its address. */
export function sourceFailure(
  access: RepositoryAccess,
  sentence: string,
  options: { retryable?: boolean; reason?: Reason; cause?: unknown } = {},
): KeelsonError {
  const { retryable = false, reason, cause } = options;
  return new KeelsonError('source-unreachable', `repository ${shownUrl(access.url)}: ${sentence}`, {
    retryable,
    cause,
    ...(reason === undefined ? {} : { details: { reason } }),
  });
}

/** An address as messages may show it: without user, password and query, which often is a token. */
export function shownUrl(url: string): string {
  return maskText(url).split(/[?#]/, 1).join('');
}

/** The failure of a status that is not the wanted one; it may be that of the proxy that a plain request went through. */
export function statusFailure(
  access: RepositoryAccess,
  what: string,
  status: number,
  proxy?: string,
): KeelsonError {
  const has = hasCredentials(access);
  if (status === 401) {
    const sentence = has
      ? `${what}: the server refused the configured credentials (401); renew them in the repository`
      : `${what}: the server asks for credentials (401) and none are configured; add them to the repository`;
    return sourceFailure(access, sentence, { reason: 'auth' });
  }
  if (status === 403) {
    const way = proxy === undefined ? '' : `, or let the proxy ${proxy} lead there`;
    const sentence = `${what}: access is forbidden (403); give the configured credentials read access${way}`;
    return sourceFailure(access, sentence, { reason: 'forbidden' });
  }
  if (status === 404 || status === 410) {
    const sentence = `${what} was not found (${status}); check the address${has ? '' : ', and the credentials if it is private'}`;
    return sourceFailure(access, sentence, { reason: 'not-found' });
  }
  const retryable = status === 429 || status >= 500;
  const remedy = retryable
    ? 'it is tried again, look at the server if it stays'
    : 'check that the address is one of such a repository';
  return sourceFailure(access, `${what}: the server answered ${status}; ${remedy}`, {
    retryable,
    reason: 'server',
  });
}

/** What a certificate is refused for; undefined for any other failure. */
export function certificateCode(cause: unknown): string | undefined {
  for (let one = cause; one instanceof Error; one = one.cause) {
    if ('code' in one && typeof one.code === 'string' && certificateCodes.test(one.code)) return one.code;
  }
  return undefined;
}

/** The failure of a certificate that is not accepted; the fault follows it as its subject. */
export function certificateFailure(
  access: RepositoryAccess,
  host: string,
  fault: string,
  cause: unknown,
): KeelsonError {
  return sourceFailure(access, `the TLS certificate of ${host} ${fault}`, { reason: 'tls', cause });
}

/**
 * The failure of a request that got no answer; nothing that the network library says is secret but addresses. `proxy`
 * is the host of the proxy that it went through.
 */
export function networkFailure(
  access: RepositoryAccess,
  host: string,
  cause: unknown,
  proxy?: string,
): KeelsonError {
  const said = causeWords(cause);
  const atProxy = proxy === undefined ? undefined : proxySentence(proxy, host, said);
  if (atProxy !== undefined) {
    const retryable = !said.includes('407');
    return sourceFailure(access, atProxy, { retryable, reason: 'proxy', cause });
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(said)) {
    const sentence = `the name ${host} cannot be resolved (DNS); check the spelling and the DNS of the workers`;
    return sourceFailure(access, sentence, { retryable: true, reason: 'dns', cause });
  }
  if (/wrong version number|packet length too long/.test(said)) {
    const sentence =
      `${host} does not speak TLS; correct the address, or set insecureOCIForceHttp for a registry ` +
      'without TLS';
    return sourceFailure(access, sentence, { reason: 'tls', cause });
  }
  if (clientCertificateCodes.test(said)) {
    const sentence = `${host} asks for a TLS client certificate or refuses the one given; add another with its key`;
    return sourceFailure(access, sentence, { reason: 'tls', cause });
  }
  if (tlsCodes.test(said)) {
    const sentence =
      `TLS with ${host} failed (${said}); let it offer TLS 1.2 or 1.3 with usual ciphers, or give the repository the ` +
      'TLS client certificate that it asks for';
    return sourceFailure(access, sentence, { reason: 'tls', cause });
  }
  if (/TIMEOUT|TimeoutError/i.test(said)) {
    const sentence = `${host} took too long to answer; it is tried again, check the network of the workers`;
    return sourceFailure(access, sentence, { retryable: true, reason: 'timeout', cause });
  }
  const way = proxy === undefined ? host : `${host} through the proxy ${proxy}`;
  const sentence = `the connection to ${way} failed (${said}); check that it is up and reachable from the workers`;
  return sourceFailure(access, sentence, { retryable: true, reason: 'connection', cause });
}

/** What is wrong with the proxy or its way on; undefined for what the server behind it may be to blame for. */
function proxySentence(proxy: string, host: string, said: string): string | undefined {
  if (/Proxy .{0,300}\(407\)/.test(said)) {
    return `the proxy ${proxy} asks for credentials (407); write the right ones into the proxy address`;
  }
  const [, status] = /Proxy response \((\d+)\)/.exec(said) ?? [];
  if (status !== undefined) {
    return `the proxy ${proxy} does not lead to ${host} (${status}); allow it there, or name the host in noProxy`;
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(said)) {
    return `the name of the proxy ${proxy} cannot be resolved (DNS); correct proxy of the repository`;
  }
  if (!/ECONNREFUSED|E(HOST|NET)UNREACH|ETIMEDOUT|CONNECT_TIMEOUT|UND_ERR_PRX/.test(said)) return undefined;
  return `the proxy ${proxy} cannot be reached (${said}); start it, correct proxy of the repository, or name ${host} in noProxy`;
}

function hasCredentials({ credentials }: RepositoryAccess): boolean {
  return [credentials.username, credentials.password, credentials.bearerToken].some(Boolean);
}

/** What went wrong without the numbers, sources and lines that OpenSSL writes around it. */
function plainWords(said: string): string {
  const at = said.indexOf(':error:');
  if (at === -1) return said;
  const [, , , , , reason = ''] = said.slice(at).split(':');
  return `${said.slice(0, said.lastIndexOf(' ', at) + 1)}${reason}`;
}

/** The most telling code or message of an error and its causes. */
function causeWords(cause: unknown): string {
  const words: string[] = [];
  for (let one = cause; one instanceof Error && words.length < 4; one = one.cause) {
    const code = 'code' in one && typeof one.code === 'string' ? one.code : '';
    words.push(
      [one.name === 'Error' || one.name === 'TypeError' ? '' : one.name, code, one.message]
        .filter(Boolean)
        .join(' '),
    );
  }
  return maskText(plainWords(words.at(-1) ?? 'unknown reason')).slice(0, 300);
}
