import type { JWTPayload } from 'jose';
import { ProjectStatus } from '../../core/project/project.ts';
import { readRoleSubject, roleSubject } from '../../core/project/roles/roles.ts';
import { tokenInForce } from '../../core/project/roles/tokens.ts';
import { policyProject } from '../../core/rbac/policy/projects.ts';
import type { Database } from '../../db/client.ts';
import { isRevoked, loginGeneration } from '../../db/queries/login/token.ts';
import { findProject } from '../../db/queries/project/project.ts';
import { type AccountSettings, adminAccount } from './account.ts';
import { badSession } from './bad-session.ts';
import type { LoginSubject, RoleTokenSubject, Subject } from './subject.ts';

/** With what a token is judged that is signed and in its time. */
export type Judging = { readonly db: Database; readonly settings: AccountSettings };

/** A kind of token: how it is known, what has to be in it, who it speaks of, and what it takes to be in force. */
type TokenKind<Of extends Subject> = {
  /** Whether the `sub` of a token is of this kind. */
  matches(sub: string): boolean;
  readonly needs: readonly string[];
  read(payload: JWTPayload): Of;
  /** Throws `unauthenticated` unless it is in force now. */
  judge(subject: Of, judging: Judging): Promise<void>;
};

type SubjectOf = { readonly login: LoginSubject; readonly project: RoleTokenSubject };
type KindName = keyof SubjectOf;

/** Who issues tokens, how they are signed, and how the subject of a login ends. */
export const tokenForm = { issuer: 'argocd', algorithm: 'HS256', loginSuffix: ':login' } as const;

/** Every kind of token. */
export const tokenKinds: { readonly [Name in KindName]: TokenKind<SubjectOf[Name]> } = {
  // First: a role may be called login.
  project: {
    matches: (sub) => readRoleSubject(sub) !== undefined,
    needs: ['iat'],
    read(payload) {
      const { sub = '', exp } = payload;
      const role = readRoleSubject(sub) ?? { project: '', role: '' };
      const expiresAt = exp === undefined ? undefined : timeOf(exp);
      return { kind: 'project', ...bearerOf(payload, roleSubject(role)), expiresAt, role };
    },
    judge: judgeRoleToken,
  },
  login: {
    matches: (sub) => sub.endsWith(tokenForm.loginSuffix),
    needs: ['jti', 'iat', 'exp'],
    read(payload) {
      const username = (payload.sub ?? '').slice(0, -tokenForm.loginSuffix.length);
      return {
        kind: 'login',
        ...bearerOf(payload, username),
        expiresAt: timeOf(payload.exp ?? 0),
        login: loginOf(payload),
      };
    },
    judge: judgeLogin,
  },
};

/** Throws `unauthenticated` unless a subject's token is in force now. */
export function judgeSubject<Name extends KindName>(
  subject: SubjectOf[Name] & { readonly kind: Name },
  judging: Judging,
): Promise<void> {
  return tokenKinds[subject.kind].judge(subject, judging);
}

async function judgeLogin(subject: LoginSubject, { db, settings }: Judging): Promise<void> {
  const { username, tokenId, login } = subject;
  const { passwordChangedAt } = settings;
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
}

/** What counts is the project's own list, read anew each time: a token that is taken off it is over at once. */
async function judgeRoleToken({ role, tokenId, issuedAt }: RoleTokenSubject, { db }: Judging): Promise<void> {
  const row = await findProject(db, role.project);
  const status = ProjectStatus.safeParse(row?.status);
  const claims = { id: tokenId, iat: issuedAt.getTime() / 1000 };
  if (row !== undefined && status.success) {
    const project = { spec: policyProject(row).spec, status: status.data };
    if (tokenInForce(project, role.role, claims) !== undefined) return;
  }
  throw badSession('its token is not one of its project any more', 'ask for a new token');
}

function bearerOf({ iss = '', jti = '', iat = 0 }: JWTPayload, username: string) {
  return { username, issuer: iss, claims: { sub: username }, tokenId: jti, issuedAt: timeOf(iat) };
}

/** What a token says of its login; one of a release that said nothing is a login of its own, and not renewed. */
function loginOf(payload: JWTPayload): LoginSubject['login'] {
  const { jti = '', iat = 0, exp = 0 } = payload;
  const { login, login_at: startedAt, login_exp: endsAt, login_gen: generation } = payload;
  return {
    id: typeof login === 'string' ? login : jti,
    startedAt: timeOf(typeof startedAt === 'number' ? startedAt : iat),
    endsAt: timeOf(typeof endsAt === 'number' ? endsAt : exp),
    generation: typeof generation === 'number' ? generation : 0,
  };
}

/** Tokens count whole seconds. */
function timeOf(seconds: number): Date {
  return new Date(seconds * 1000);
}

/** Tokens know whole seconds; what is of the very second of the change is told apart by its generation. */
function isBefore(issuedAt: Date, changedAt: Date): boolean {
  return Math.floor(issuedAt.getTime() / 1000) < Math.floor(changedAt.getTime() / 1000);
}
