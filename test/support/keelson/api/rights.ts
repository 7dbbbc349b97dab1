import { createAuthenticator } from '../../../../api/auth/authenticator.ts';
import { defaultLoginTimes } from '../../../../core/account/login-times.ts';
import { recordChange } from '../../../../db/queries/application/change.ts';
import { findProject } from '../../../../db/queries/project/project.ts';
import { announceRules } from '../../../../db/queries/project/write-project.ts';
import { nextResourceVersion } from '../../../../db/schema/application.ts';
import { projects } from '../../../../db/schema/project.ts';
import type { TestApi } from './api.ts';

type Server = Pick<TestApi, 'db' | 'deps' | 'keyring'>;

/** Puts a project as somebody could have written it: created or replaced, and announced as a write is. */
export async function putProject(
  { db }: Server,
  name: string,
  spec: Record<string, unknown>,
  status: Record<string, unknown> = {},
): Promise<void> {
  await db.transaction(async (tx) => {
    const changed = { spec, status, resourceVersion: nextResourceVersion };
    await tx
      .insert(projects)
      .values({ name, spec, status })
      .onConflictDoUpdate({ target: projects.name, set: changed });
    await recordChange(tx, { type: 'MODIFIED', topic: 'projects' });
    await announceRules(tx, [name]);
  });
}

/** A project with one role that has these policies, each without its first two fields (`applications, get, p/*, allow`). */
export function projectWithRole(
  name: string,
  role: string,
  policies: readonly string[],
  groups: string[] = [],
) {
  return {
    sourceRepos: ['*'],
    destinations: [{ server: '*', namespace: '*' }],
    roles: [{ name: role, policies: policies.map((line) => `p, proj:${name}:${role}, ${line}`), groups }],
  };
}

/** A token of a project's role, recorded in the project's status as one that is in force. */
export async function roleToken(
  server: Server,
  project: string,
  role: string,
  { id = 'token', exp }: { readonly id?: string; readonly exp?: number } = {},
): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const row = await findProject(server.db, project);
  const item = { id, iat, ...(exp === undefined ? {} : { exp }) };
  await putProject(server, project, row?.spec ?? {}, { jwtTokensByRole: { [role]: { items: [item] } } });
  return signRoleToken(server, { subject: `proj:${project}:${role}`, ...item });
}

/** A token that is signed like one of a role, whether it is recorded or not. */
export async function signRoleToken(
  { db, keyring, deps }: Server,
  claims: { readonly subject: string; readonly id: string; readonly iat: number; readonly exp?: number },
): Promise<string> {
  const { log, now } = deps;
  const times = () => defaultLoginTimes;
  const authenticator = createAuthenticator({ db, keyring, log, now, times, loginPaddingMilliseconds: 0 });
  return (await authenticator.roleTokenSigner())(claims);
}

/** Puts policies in force on a server: the data of `argocd-rbac-cm`. */
export async function putPolicies(
  server: Pick<TestApi, 'call'>,
  data: Readonly<Record<string, string>>,
  { partial = false }: { readonly partial?: boolean } = {},
): Promise<void> {
  const configMaps = { 'argocd-rbac-cm': data };
  const path = `/api/v1/keelson/settings${partial ? '?partial=true' : ''}`;
  const { status, body } = await server.call('PUT', path, { configMaps });
  if (status !== 200) throw new Error(`policies were not put: ${JSON.stringify(body)}`);
}
