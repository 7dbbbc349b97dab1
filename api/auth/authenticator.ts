import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RoleClaims } from '../../control/project/role-tokens.ts';
import type { HomeSettings } from '../../control/settings/write/settings-port.ts';
import type { LoginTimes } from '../../core/account/login-times.ts';
import { checkNewPassword } from '../../core/account/new-password.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { Database } from '../../db/client.ts';
import { loginGeneration, revoke } from '../../db/queries/login/token.ts';
import type { Keyring } from '../../platform/encryption.ts';
import type { Logger } from '../../platform/logger.ts';
import { countedAs } from '../request/client-address.ts';
import { type AccountSettings, adminAccount, createAccountSource } from './account.ts';
import { endAccountLogins, storePassword } from './account-change.ts';
import { createFailedLogins } from './login/failed-logins.ts';
import { createLoginGuard, type LoginCaller } from './login/login-guard.ts';
import { createPasswordCheck, type PasswordSlot } from './login/password-check.ts';
import { createLoginTokens, type LoginTokens } from './login-tokens.ts';
import { signRoleToken } from './role-tokens.ts';
import type { Subject } from './subject.ts';

const maxUsernameBytes = 32;
/** Compared with when there is no such account, so that both cases take the same time. */
const noPasswordHash = '$2b$10$K8wJ7Iu88Ib0SwvQb2yjPu4lsgbcI.eubyFhruIx4gkvNnLjlAs6u';

/** Which password is changed, by whoever knows the present one of his own account. */
export type PasswordChange = {
  readonly account: string;
  readonly currentPassword: string;
  readonly newPassword: string;
};

/** Turns passwords into tokens and tokens into subjects, and ends logins. */
export type Authenticator = Pick<LoginTokens, 'verify' | 'renew'> & {
  /**
   * Answers with a session token, or throws `unauthenticated`, or 429 where too much is tried from the address; takes a
   * while in either case. The address is the caller's own, as the log and the audit name it; what is counted by address
   * counts all that one caller has.
   */
  login(username: string, password: string, address: string): Promise<string>;
  /** Ends the login of a token, with all tokens that it was renewed by. */
  logout(subject: Subject): Promise<void>;
  /** Counts and waits as a login does; ends all logins of the account. */
  changePassword(subject: Subject, change: PasswordChange, address: string): Promise<void>;
  /** Ends all logins of an account. */
  logoutAll(ended: {
    readonly account: string;
    readonly actor: string;
    readonly address: string;
  }): Promise<void>;
  /**
   * How tokens of projects' roles are signed; one counts once it is recorded with its project. The secret is read before,
   * so that whoever signs in a transaction waits for no further connection.
   */
  roleTokenSigner(): Promise<(claims: RoleClaims) => Promise<string>>;
  /** Passwords, keys or logins may have changed: nothing that is remembered of them counts. */
  forget(): void;
};

export type AuthenticatorOptions = {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly homeSettings?: HomeSettings | undefined;
  readonly now: () => Date;
  readonly log: Logger;
  readonly times: () => LoginTimes;
  readonly loginPaddingMilliseconds: number;
};

/** What was found out about a password. */
type Checked = {
  readonly matches: boolean;
  readonly generation: number;
  readonly found: AccountSettings;
};

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { db, homeSettings, keyring, now, times } = options;
  const guard = createLoginGuard(db, keyring);
  const passwords = createPasswordCheck();
  const tellFailed = createFailedLogins(db, options.log);
  const accounts = createAccountSource(db, keyring, now);
  const tokens = createLoginTokens({ db, now, times, settings: async () => there(await accounts.recent()) });

  /** The number of logins comes first: one that is begun with a password that is changed meanwhile doesn't count. */
  const check = async (place: PasswordSlot, username: string, password: string): Promise<Checked> => {
    const generation = await loginGeneration(db, username);
    const found = there(await accounts.present());
    const hash = username === adminAccount ? found.passwordHash : undefined;
    const matches = await place.compare(password, hash ?? noPasswordHash);
    return { matches: matches && hash !== undefined, generation, found };
  };

  /** Runs something with a password that was checked; a wrong one is counted, told of, and answered with `refusal`. */
  const withPassword = async <Result>(
    caller: LoginCaller,
    password: string,
    refusal: () => KeelsonError,
    run: (checked: Checked, place: PasswordSlot) => Promise<Result>,
  ): Promise<Result> => {
    const { username, address } = caller;
    const counted: LoginCaller = { username, address: countedAs(address) };
    // Before anything is asked or computed: what strangers can keep busy is this queue and nothing else.
    const place = passwords.enter(counted.address);
    const padded = sleep(padding(options.loginPaddingMilliseconds));
    try {
      await guard.admit(counted);
      const checked = await check(place, username, password);
      if (!checked.matches) {
        await tellFailed({ account: username === adminAccount ? username : undefined, address });
        throw refusal();
      }
      await guard.succeed(counted);
      return await run(checked, place);
    } finally {
      place.leave();
      await padded;
    }
  };

  return {
    verify: tokens.verify,
    renew: tokens.renew,
    forget: accounts.forget,

    async login(username, password, address) {
      checkUsername(username);
      return withPassword({ username, address }, password, badLogin, ({ generation, found }) =>
        tokens.begin(username, generation, found),
      );
    },

    async logout(subject) {
      if (subject.kind !== 'login') throw noLogin("to end; take the token off its project's role");
      const { login, expiresAt } = subject;
      await revoke(db, login.id, login.endsAt > expiresAt ? login.endsAt : expiresAt);
    },

    async changePassword({ kind, username }, { account, currentPassword, newPassword }, address) {
      if (kind !== 'login') throw noLogin('whose password could be asked for; log in to change one');
      await withPassword({ username, address }, currentPassword, badPassword, async ({ found }, place) => {
        checkNewPassword(newPassword);
        const passwordHash = await place.hash(newPassword);
        const instead = account === username ? found.passwordHash : undefined;
        const change = { account, passwordHash, instead, actor: username, address };
        await storePassword({ db, homeSettings, keyring }, change);
      });
      accounts.forget();
    },

    async roleTokenSigner() {
      const { secret } = there(await accounts.present());
      return (claims) => signRoleToken(claims, secret);
    },

    logoutAll: (ended) => endAccountLogins({ db }, ended),
  };
}

function there(settings: AccountSettings | undefined): AccountSettings {
  if (settings !== undefined) return settings;
  throw new KeelsonError('unavailable', 'server secret is not set yet; wait until the server has started', {
    retryable: true,
  });
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

function noLogin(why: string): KeelsonError {
  return new KeelsonError('invalid-argument', `token of a project's role is no login ${why}`);
}

function badPassword(): KeelsonError {
  return new KeelsonError('invalid-argument', 'current password does not match');
}
