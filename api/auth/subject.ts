import type { Login } from '../../core/account/login-times.ts';
import type { RoleSubject } from '../../core/project/roles/roles.ts';

/** What tokens of all kinds say of whoever sends them. */
type Bearer = {
  /** The name that policies and the audit know. */
  readonly username: string;
  readonly issuer: string;
  /** What the token says of its bearer: whom policies speak of, and the groups among it. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Empty for tokens of roles that are older than ids. */
  readonly tokenId: string;
  readonly issuedAt: Date;
};

/** Somebody who has logged in with a password. */
export type LoginSubject = Bearer & {
  readonly kind: 'login';
  readonly expiresAt: Date;
  /** The login that the token, or the one it renews, was given for. */
  readonly login: Login;
};

/** A role of a project, by one of its tokens. */
export type RoleTokenSubject = Bearer & {
  readonly kind: 'project';
  /** Undefined for a token without an end. */
  readonly expiresAt: Date | undefined;
  readonly role: RoleSubject;
};

/** Who a request comes from, as its token says. */
export type Subject = LoginSubject | RoleTokenSubject;

/** What the tokens of one login have in common, or one token of a role: its streams are counted together. */
export function sessionIdOf(subject: Subject): string {
  if (subject.kind === 'login') return subject.login.id;
  return `${subject.username}/${subject.tokenId || subject.issuedAt.getTime()}`;
}
