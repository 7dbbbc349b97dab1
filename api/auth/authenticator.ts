import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { KeelsonError } from '../../core/errors.ts';
import type { Database } from '../../db/client.ts';
import { isTokenRevoked, revokeToken } from '../../db/queries/token.ts';
import type { Keyring } from '../../platform/encryption.ts';
import type { Logger } from '../../platform/logger.ts';
import { type AccountSettings, createAccountSettings } from './account.ts';
import { createFailedLogins } from './login/failed-logins.ts';
import { createLoginGuard } from './login/login-guard.ts';
import { createPasswordCheck, type PasswordCheck } from './login/password-check.ts';
import type { Subject } from './subject.ts';
import { badSession, createTokenReader, tokenForm } from './token-reader.ts';

const adminAccount = 'admin';
const maxUsernameBytes = 32;
/** A session with less than this left is renewed by its next request. */
const renewSeconds = 300;
/** Compared with when there is no such account, so that both cases take the same time. */
const noPasswordHash = '$2b$10$K8wJ7Iu88Ib0SwvQb2yjPu4lsgbcI.eubyFhruIx4gkvNnLjlAs6u';

/** Turns passwords into tokens and tokens into subjects. */
export type Authenticator = {
  /**
   * Answers with a session token, or throws `unauthenticated`, or 429 where too much is tried from the address; takes a
   * while in either case.
   */
  login(username: string, password: string, address: string): Promise<string>;
  /** Throws `unauthenticated` when the token isn't valid now. */
  verify(token: string): Promise<Subject>;
  revoke(subject: Subject): Promise<void>;
  /** A fresh token for a session that is about to end. */
  renew(subject: Subject): Promise<string | undefined>;
};

export type AuthenticatorOptions = {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly now: () => Date;
  readonly log: Logger;
  readonly sessionDurationSeconds: number;
  readonly loginPaddingMilliseconds: number;
};

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { db, now } = options;
  const guard = createLoginGuard(db, options.keyring);
  const passwords = createPasswordCheck();
  const tellFailed = createFailedLogins(db, options.log);
  const readToken = createTokenReader();
  const readSettings = createAccountSettings(db, options.keyring, now);

  const settings = async (): Promise<AccountSettings> => {
    const found = await readSettings();
    if (found !== undefined) return found;
    throw new KeelsonError('unavailable', 'server secret is not set yet; wait until the server has started', {
      retryable: true,
    });
  };

  const issue = async (username: string): Promise<string> => {
    const at = Math.floor(now().getTime() / 1000);
    return (
      new SignJWT({})
        .setProtectedHeader({ alg: tokenForm.algorithm, typ: 'JWT' })
        .setIssuer(tokenForm.issuer)
        .setSubject(`${username}${tokenForm.loginSuffix}`)
        .setJti(randomUUID())
        // And no time before which it doesn't count: the clocks of two servers differ, and may be set back.
        .setIssuedAt(at)
        .setExpirationTime(at + options.sessionDurationSeconds)
        .sign((await settings()).secret)
    );
  };

  const isPassword = async (
    place: ReturnType<PasswordCheck['enter']>,
    username: string,
    password: string,
  ): Promise<boolean> => {
    const { passwordHash } = await settings();
    const hash = username === adminAccount ? passwordHash : undefined;
    const matches = await place.compare({ password, hash: hash ?? noPasswordHash });
    return matches && hash !== undefined;
  };

  return {
    async login(username, password, address) {
      checkUsername(username);
      const caller = { username, address };
      // Before anything is asked or computed: what strangers can keep busy is this queue and nothing else.
      const place = passwords.enter(address);
      const padded = sleep(padding(options.loginPaddingMilliseconds));
      try {
        await guard.admit(caller);
        if (!(await isPassword(place, username, password))) {
          await tellFailed({ account: username === adminAccount ? username : undefined, address });
          throw badLogin();
        }
        await guard.succeed(caller);
        return await issue(username);
      } finally {
        place.leave();
        await padded;
      }
    },

    async verify(token) {
      const { secret, passwordChangedAt } = await settings();
      const subject = await readToken(token, secret, now());
      if (subject.username !== adminAccount) throw badSession('its account does not exist');
      if (passwordChangedAt !== undefined && isBefore(subject.issuedAt, passwordChangedAt)) {
        throw badSession('the password has changed since');
      }
      if (await isTokenRevoked(db, subject.tokenId)) throw badSession('it was logged out');
      return subject;
    },

    revoke: (subject) => revokeToken(db, subject.tokenId, subject.expiresAt),

    async renew(subject) {
      const left = (subject.expiresAt.getTime() - now().getTime()) / 1000;
      return left < renewSeconds && left < options.sessionDurationSeconds / 2
        ? issue(subject.username)
        : undefined;
    },
  };
}

/** Tokens know whole seconds, so a token of the very second of the change is still taken. */
function isBefore(issuedAt: Date, changedAt: Date): boolean {
  return issuedAt.getTime() < Math.floor(changedAt.getTime() / 1000) * 1000;
}

/** A random wait between once and twice the least time, so that durations tell nothing. */
function padding(least: number): number {
  return least <= 0 ? 0 : least + randomInt(Math.ceil(least));
}

function checkUsername(username: string): void {
  if (username === '') throw new KeelsonError('unauthenticated', 'username is blank; enter one');
  if (Buffer.byteLength(username) > maxUsernameBytes) {
    throw new KeelsonError('unauthenticated', `username is longer than ${maxUsernameBytes} bytes`);
  }
}

function badLogin(): KeelsonError {
  return new KeelsonError('unauthenticated', 'Invalid username or password');
}
