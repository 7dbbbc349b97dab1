import type { Login } from '../../core/account/login-times.ts';

/** Who a request comes from, as its token says. */
export type Subject = {
  readonly username: string;
  readonly issuer: string;
  readonly groups: readonly string[];
  readonly tokenId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** The login that the token, or the one it renews, was given for. */
  readonly login: Login;
};
