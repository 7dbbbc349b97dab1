/** For how long logins count, in seconds. */
export type LoginTimes = {
  /** One token; a browser's is renewed when it is about to end. */
  readonly tokenSeconds: number;
  /** A login with all its renewals. */
  readonly limitSeconds: number;
};

const hour = 3600;

export const defaultLoginTimes: LoginTimes = { tokenSeconds: 24 * hour, limitSeconds: 7 * 24 * hour };

/** What all tokens of one login say of it, renewed ones too. */
export type Login = {
  readonly id: string;
  readonly startedAt: Date;
  /** No token of it counts any longer. */
  readonly endsAt: Date;
  /** Which of the account's logins it is one of: when they are all ended, the number rises. */
  readonly generation: number;
};

/** With less than this left a token is renewed by the next request that brings it. */
const renewSeconds = 300;

/** When a login ends that starts now. */
export function endOfLogin(startedAt: Date, { limitSeconds }: LoginTimes): Date {
  return after(startedAt, limitSeconds);
}

/** When a token ends that is made now: in its time, and with its login in any case, also where that was cut since. */
export function endOfToken(login: Pick<Login, 'startedAt' | 'endsAt'>, times: LoginTimes, now: Date): Date {
  const ends = [after(now, times.tokenSeconds), login.endsAt, endOfLogin(login.startedAt, times)];
  return new Date(Math.min(...ends.map((end) => end.getTime())));
}

/** Whether a token is about to end, and a new one would last for longer. */
export function isRenewable(
  { login, expiresAt }: { readonly login: Login; readonly expiresAt: Date },
  times: LoginTimes,
  now: Date,
): boolean {
  const left = (expiresAt.getTime() - now.getTime()) / 1000;
  if (left >= renewSeconds || left >= times.tokenSeconds / 2) return false;
  return endOfToken(login, times, now) > expiresAt;
}

function after(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000);
}
