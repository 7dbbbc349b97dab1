import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { KeelsonError } from '../../core/errors.ts';
import { exitStatusOf, formatFailure } from '../terminal/output.ts';
import { ApiError, apiErrorOf, connectionError } from './api-error.ts';

const exchange = {
  server: 'http://localhost:8080',
  path: '/api/v1/applications/web',
  tokenFrom: 'login',
  login: 'keelson login http://localhost:8080',
} as const;
const body = (code: number, message: string) => JSON.stringify({ error: message, code, message });

function causedBy(code: string): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
}

describe('cli/api-error', () => {
  it('takes the finer code of the reply over its status', () => {
    expect(apiErrorOf(exchange, 400, body(9, 'another operation is already in progress'))).toMatchObject({
      code: 'precondition-failed',
      status: 400,
      message: 'another operation is already in progress',
    });
    expect(apiErrorOf(exchange, 409, 'not json').code).toBe('conflict');
  });

  it('tells an expired session from a missing one, and both from a wrong password', () => {
    const denied = body(16, 'no session information');
    expect(apiErrorOf(exchange, 401, denied).message).toBe(
      'session at http://localhost:8080 has ended (no session information); run keelson login http://localhost:8080',
    );
    expect(apiErrorOf({ ...exchange, tokenFrom: 'ARGOCD_AUTH_TOKEN' }, 401, '').message).toBe(
      'token of ARGOCD_AUTH_TOKEN is not accepted by http://localhost:8080; set it to another one, or unset it and run keelson login http://localhost:8080',
    );
    expect(apiErrorOf({ ...exchange, tokenFrom: undefined }, 401, denied).message).toContain(
      'not logged in at',
    );
    const login = { ...exchange, tokenFrom: undefined, path: '/api/v1/session' };
    expect(apiErrorOf(login, 401, body(16, 'Invalid username or password')).message).toBe(
      'Invalid username or password',
    );
  });

  it('says what a bare permission denied can mean for an application', () => {
    expect(apiErrorOf(exchange, 403, body(7, 'permission denied')).message).toBe(
      'application web: permission denied (it does not exist, or this account may not see it)',
    );
    const sync = 'permission denied: applications, sync, default/web, sub: bob';
    expect(apiErrorOf(exchange, 403, body(7, sync)).message).toBe(sync);
  });

  it('names address and status when a reply explains nothing', () => {
    expect(apiErrorOf(exchange, 502, '<html>').message).toBe(
      'server http://localhost:8080 answered 502 to /api/v1/applications/web',
    );
  });

  const connections: [string, string][] = [
    ['ECONNREFUSED', 'refused the connection (ECONNREFUSED); check that it runs'],
    ['ENOTFOUND', 'has an unknown host name'],
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      "pass its authority's certificates with --server-crt FILE, or pass --insecure",
    ],
    ['CERT_HAS_EXPIRED', 'that expired (CERT_HAS_EXPIRED); renew it on the host'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'refuses the TLS handshake'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'does not speak TLS (ERR_SSL_WRONG_VERSION_NUMBER); pass --plaintext'],
    ['ECONNRESET', 'closed the connection (ECONNRESET); try again'],
    ['EHOSTUNREACH', 'cannot be reached (EHOSTUNREACH)'],
  ];
  it.each(connections)('explains the connection failure %s', (code, words) => {
    expect(connectionError('https://k:1', causedBy(code)).message).toContain(`server https://k:1 `);
    expect(connectionError('https://k:1', causedBy(code)).message).toContain(words);
  });

  it('finds the reason inside the failures of several addresses', () => {
    const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    const cause = new TypeError('fetch failed', { cause: new AggregateError([refused]) });
    expect(connectionError('https://k:1', cause).message).toContain('refused');
  });
});

describe('cli/output', () => {
  const statuses: [string, unknown, number][] = [
    ['wrong usage', new CommanderError(1, 'commander.unknownOption', 'x'), 1],
    ['a flag with a wrong value', new KeelsonError('invalid-argument', 'x'), 1],
    ['a request that the server refuses', new ApiError('invalid-argument', 400, 'x'), 20],
    ['a server that cannot be reached', new KeelsonError('unavailable', 'x'), 20],
    ['a wait that ran out of time', new KeelsonError('timeout', 'x'), 20],
    ['a state that cannot be', new TypeError('x'), 20],
  ];
  it.each(statuses)('ends %s with its status', (_, error, status) => {
    expect(exitStatusOf(error)).toBe(status);
  });

  it('prints a failure as one line that cannot steer the terminal', () => {
    expect(formatFailure(new KeelsonError('internal', 'a\n\u001b[31mb'))).toBe('keelson: a [31mb\n');
  });
});
