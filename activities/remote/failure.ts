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

const tlsCodes =
  /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|ERR_TLS|ERR_SSL|EPROTO|ERR_OSSL|wrong version number/;

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
  return maskText(url).replace(/[?#].*$/, '');
}

/** The failure of a status that is not the wanted one. */
export function statusFailure(access: RepositoryAccess, what: string, status: number): KeelsonError {
  const has = hasCredentials(access);
  if (status === 401) {
    const sentence = has
      ? `${what}: the server refused the configured credentials (401); renew them in the repository`
      : `${what}: the server asks for credentials (401) and none are configured; add them to the repository`;
    return sourceFailure(access, sentence, { reason: 'auth' });
  }
  if (status === 403) {
    const sentence = `${what}: access is forbidden (403); give the configured credentials read access`;
    return sourceFailure(access, sentence, { reason: 'forbidden' });
  }
  if (status === 404 || status === 410) {
    const sentence = `${what} was not found (${status}); check the address${has ? '' : ', and the credentials if it is private'}`;
    return sourceFailure(access, sentence, { reason: 'not-found' });
  }
  if (status === 407) {
    const sentence = 'the proxy asks for credentials (407); write them into the proxy address';
    return sourceFailure(access, sentence, { reason: 'proxy' });
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

/** The failure of a request that got no answer; nothing that the network library says is secret but addresses. */
export function networkFailure(access: RepositoryAccess, host: string, cause: unknown): KeelsonError {
  const said = causeWords(cause);
  if (/ENOTFOUND|EAI_AGAIN/.test(said)) {
    const sentence = `the name ${host} cannot be resolved (DNS); check the spelling and the DNS of the workers`;
    return sourceFailure(access, sentence, { retryable: true, reason: 'dns', cause });
  }
  if (/Proxy response \(407\)/.test(said)) return statusFailure(access, '', 407);
  if (tlsCodes.test(said)) {
    const sentence =
      `the TLS certificate of ${host} was not accepted, or the client certificate was not (${said}); ` +
      'add its authority to the trusted certificates';
    return sourceFailure(access, sentence, { reason: 'tls', cause });
  }
  if (/TIMEOUT|TimeoutError/i.test(said)) {
    const sentence = `${host} took too long to answer; it is tried again, check the network of the workers`;
    return sourceFailure(access, sentence, { retryable: true, reason: 'timeout', cause });
  }
  const sentence = `the connection to ${host} failed (${said}); check that it is up and reachable from the workers`;
  return sourceFailure(access, sentence, { retryable: true, reason: 'connection', cause });
}

function hasCredentials({ credentials }: RepositoryAccess): boolean {
  return [credentials.username, credentials.password, credentials.bearerToken].some(Boolean);
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
  return maskText(words.at(-1) ?? 'unknown reason').slice(0, 300);
}
