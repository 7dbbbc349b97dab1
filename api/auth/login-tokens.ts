import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import {
  endOfLogin,
  endOfToken,
  isRenewable,
  type Login,
  type LoginTimes,
} from '../../core/account/login-times.ts';
import type { Database } from '../../db/client.ts';
import { isRevoked, loginGeneration } from '../../db/queries/login/token.ts';
import { type AccountSettings, adminAccount } from './account.ts';
import type { Subject } from './subject.ts';
import { badSession, createTokenReader, tokenForm } from './token-reader.ts';

/** Makes tokens and judges them. */
export type LoginTokens = {
  /** The first token of a login that begins now. */
  begin(username: string, generation: number, settings: AccountSettings): Promise<string>;
  /** Throws `unauthenticated` when the token isn't valid now. */
  verify(token: string): Promise<Subject>;
  /** A fresh token of the same login for one that is about to end; undefined where there is no need or no more time. */
  renew(subject: Subject): Promise<string | undefined>;
};

export type LoginTokensOptions = {
  readonly db: Database;
  readonly now: () => Date;
  readonly times: () => LoginTimes;
  readonly settings: () => Promise<AccountSettings>;
};

export function createLoginTokens({ db, now, times, settings }: LoginTokensOptions): LoginTokens {
  const readToken = createTokenReader();

  const issue = (username: string, login: Login, { secret, passwordChangedAt }: AccountSettings) => {
    const at = now();
    // Another server's clock may be ahead: what was given for a password is never older than the password.
    const issuedAt = Math.max(secondsOf(at), secondsOf(passwordChangedAt ?? at));
    return (
      new SignJWT({
        login: login.id,
        login_at: secondsOf(login.startedAt),
        login_exp: secondsOf(login.endsAt),
        login_gen: login.generation,
      })
        .setProtectedHeader({ alg: tokenForm.algorithm, typ: 'JWT' })
        .setIssuer(tokenForm.issuer)
        .setSubject(`${username}${tokenForm.loginSuffix}`)
        .setJti(randomUUID())
        // And no time before which it doesn't count: the clocks of two servers differ, and may be set back.
        .setIssuedAt(issuedAt)
        .setExpirationTime(secondsOf(endOfToken(login, times(), at)))
        .sign(secret)
    );
  };

  return {
    begin(username, generation, found) {
      const startedAt = now();
      const endsAt = endOfLogin(startedAt, times());
      return issue(username, { id: randomUUID(), startedAt, endsAt, generation }, found);
    },

    async verify(token) {
      const { secret, passwordChangedAt } = await settings();
      const subject = await readToken(token, secret, now());
      const { username, tokenId, login } = subject;
      if (username !== adminAccount) throw badSession('its account does not exist');
      if (passwordChangedAt !== undefined && isBefore(subject.issuedAt, passwordChangedAt)) {
        throw badSession('the password has changed since');
      }
      const [generation, ...revoked] = await Promise.all([
        loginGeneration(db, username),
        ...[...new Set([tokenId, login.id])].map((id) => isRevoked(db, id)),
      ]);
      if (generation !== login.generation) throw badSession('all logins of the account were ended');
      if (revoked.includes(true)) throw badSession('it was logged out');
      return subject;
    },

    async renew(subject) {
      if (!isRenewable(subject, times(), now())) return undefined;
      return issue(subject.username, subject.login, await settings());
    },
  };
}

/** Tokens know whole seconds; what is of the very second of the change is told apart by its generation. */
function isBefore(issuedAt: Date, changedAt: Date): boolean {
  return secondsOf(issuedAt) < secondsOf(changedAt);
}

function secondsOf(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
