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
import type { AccountSettings } from './account.ts';
import type { Subject } from './subject.ts';
import { judgeSubject, tokenForm } from './token-kinds.ts';
import { createTokenReader } from './token-reader.ts';

/** Makes the tokens of logins, and judges tokens of all kinds. */
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
      const found = await settings();
      const subject = await readToken(token, found.secret, now());
      await judgeSubject(subject, { db, settings: found });
      return subject;
    },

    async renew(subject) {
      if (subject.kind !== 'login' || !isRenewable(subject, times(), now())) return undefined;
      return issue(subject.username, subject.login, await settings());
    },
  };
}

function secondsOf(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
