import { decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settingKeys } from '../../../api/auth/account.ts';
import { createRoleToken } from '../../../control/project/role-tokens.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { userInitiator } from '../../../core/sync/operation/initiator.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { readSetting } from '../../../db/queries/installation/setting.ts';
import { at, startApi, type TestApi } from '../../support/keelson/api/api.ts';

let server: TestApi;
const path = '/api/v1/projects';
const spec = {
  sourceRepos: ['*'],
  roles: [
    { name: 'ci', groups: ['builders'], policies: ['p, proj:team:ci, applications, sync, team/*, allow'] },
    { name: 'ops' },
  ],
};

beforeAll(async () => {
  server = await startApi();
  const reply = await server.call('POST', path, { project: { metadata: { name: 'team' }, spec } });
  expect(reply.status).toBe(200);
});
afterAll(() => server.close());

const issue = (role: string, body: unknown = {}) =>
  server.call('POST', `${path}/team/roles/${role}/token`, body);
const revoke = (role: string, iat: number, id = '') =>
  server.call('DELETE', `${path}/team/roles/${role}/token/${iat}?id=${id}`);

/** The tokens of a role as spec and status have them, which have to be the same. */
async function tokens(role: string): Promise<unknown> {
  const { body } = await server.call('GET', `${path}/team`);
  const roles = at(body, 'spec.roles') as { name: string; jwtTokens?: unknown }[];
  const inSpec = roles.find(({ name }) => name === role)?.jwtTokens;
  expect(at(body, `status.jwtTokensByRole.${role}.items`)).toEqual(inSpec);
  return inSpec ?? [];
}

async function secret(): Promise<Uint8Array> {
  return new TextEncoder().encode(await readSetting(server.db, server.keyring, settingKeys.serverSecret));
}

describe('a token of a role', () => {
  it('is signed with the secret of the server, and recorded in spec and status, newest first', async () => {
    server.clock.now = new Date('2026-03-01T10:00:00.900Z');
    const first = at((await issue('ci')).body, 'token') as string;
    server.clock.now = new Date('2026-03-01T11:00:00Z');
    const second = at(
      (await issue('ci', { id: 'deploy', expiresIn: 3600, description: 'x' })).body,
      'token',
    ) as string;
    server.clock.now = undefined;
    const iat = Date.UTC(2026, 2, 1, 10) / 1000;
    const { payload, protectedHeader } = await jwtVerify(first, await secret(), { algorithms: ['HS256'] });
    expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(payload).toEqual({ iss: 'argocd', sub: 'proj:team:ci', jti: expect.any(String), iat, nbf: iat });
    expect(payload.jti).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    const later = iat + 3600;
    expect(decodeJwt(second)).toEqual({
      iss: 'argocd',
      sub: 'proj:team:ci',
      jti: 'deploy',
      iat: later,
      nbf: later,
      exp: later + 3600,
    });
    expect(await tokens('ci')).toEqual([
      { id: 'deploy', iat: later, exp: later + 3600 },
      { id: payload.jti, iat },
    ]);
    expect(await tokens('ops')).toEqual([]);
    const [audited] = await listAudit(server.db, 1);
    expect(audited).toMatchObject({
      action: 'project.token.create',
      object: 'team',
      details: { role: 'ci', id: 'deploy' },
    });
    expect(JSON.stringify(audited)).not.toContain(second.split('.')[2]);
  });

  it('is recorded for each of many that are issued at once', async () => {
    const replies = await Promise.all(Array.from({ length: 5 }, () => issue('ops', { expiresIn: '60' })));
    const ids = replies.map(({ body }) => decodeJwt(String(at(body, 'token'))).jti);
    const recorded = (await tokens('ops')) as { id: string; iat: number }[];
    expect(recorded.map(({ id }) => id).sort()).toEqual(ids.sort());
    // One of the same second is revoked, and no other.
    const [gone, ...others] = recorded;
    expect(await revoke('ops', gone?.iat ?? 0, gone?.id)).toMatchObject({ status: 200, body: {} });
    expect(await tokens('ops')).toEqual(others);
    expect((await listAudit(server.db, 1))[0]).toMatchObject({
      action: 'project.token.delete',
      details: { role: 'ops', id: gone?.id },
    });
  });

  it('is revoked by its time for want of an id, and one that is gone stays gone', async () => {
    const [newest, oldest] = (await tokens('ci')) as { id: string; iat: number }[];
    expect((await revoke('ci', oldest?.iat ?? 0)).status).toBe(200);
    expect(await tokens('ci')).toEqual([newest]);
    const before = await listAudit(server.db, 1);
    expect((await revoke('ci', oldest?.iat ?? 0)).status).toBe(200);
    expect((await revoke('ci', newest?.iat ?? 0, 'other')).status).toBe(200);
    expect((await revoke('none', 1)).status).toBe(200);
    expect(await listAudit(server.db, 1)).toEqual(before);
    expect(await tokens('ci')).toEqual([newest]);
  });

  it('stays as it is recorded whoever writes the project, and goes with its role', async () => {
    const kept = await tokens('ci');
    const [revoked] = (await tokens('ops')) as { id: string; iat: number }[];
    const old = (await server.call('GET', `${path}/team`)).body;
    expect((await revoke('ops', revoked?.iat ?? 0, revoked?.id)).status).toBe(200);
    const after = await tokens('ops');
    // A copy of before knows the token that was revoked: it doesn't come back, nor do made-up ones.
    const copy = {
      metadata: { name: 'team' },
      spec: { ...(at(old, 'spec') as object), description: 'x' },
      status: at(old, 'status'),
    };
    expect((await server.call('PUT', `${path}/team`, { project: copy })).status).toBe(200);
    expect(await tokens('ops')).toEqual(after);
    // One that knows of no tokens takes none away.
    expect(
      (await server.call('POST', path, { project: { metadata: { name: 'team' }, spec }, upsert: true }))
        .status,
    ).toBe(200);
    expect([await tokens('ci'), await tokens('ops')]).toEqual([kept, after]);
    const roles = spec.roles.slice(1);
    for (const one of [{ ...spec, roles }, spec]) {
      expect(
        (await server.call('PUT', `${path}/team`, { project: { metadata: { name: 'team' }, spec: one } }))
          .status,
      ).toBe(200);
    }
    expect([await tokens('ci'), await tokens('ops')]).toEqual([[], after]);
  });

  it('comes with a project that is created, as an export has it', async () => {
    const exported = {
      metadata: { name: 'restored' },
      spec: { roles: [{ name: 'ci', jwtTokens: [{ iat: 1 }] }] },
      status: { jwtTokensByRole: { ci: { items: [{ iat: 2, id: 'b' }] } } },
    };
    const { body } = await server.call('POST', path, { project: exported });
    expect(at(body, 'status.jwtTokensByRole.ci.items')).toEqual([
      { iat: 2, id: 'b' },
      { iat: 1, id: '1' },
    ]);
  });

  it.each<[string, () => Promise<{ status: number; body: unknown }>, number, string]>([
    ['a role that is not there', () => issue('none'), 404, "project 'team' does not have role 'none'"],
    [
      'a project that is not there',
      () => server.call('POST', `${path}/ghost/roles/ci/token`, {}),
      404,
      'project "ghost" was not found',
    ],
    [
      'a project to revoke of that is not there',
      () => server.call('DELETE', `${path}/ghost/roles/ci/token/1`),
      404,
      'project "ghost" was not found',
    ],
    ['a life below nothing', () => issue('ci', { expiresIn: -1 }), 400, 'expiresIn must be a whole number'],
    ['a life of fractions', () => issue('ci', { expiresIn: 1.5 }), 400, 'expiresIn must be a whole number'],
    [
      'a time that is none',
      () => server.call('DELETE', `${path}/team/roles/ci/token/soon`),
      400,
      'is not a time',
    ],
  ])('is refused for %s', async (_, call, status, words) => {
    const reply = await call();
    expect([reply.status, at(reply.body, 'message')]).toEqual([status, expect.stringContaining(words)]);
  });

  it('has an id of its own within its role', async () => {
    expect((await issue('ci', { id: 'mine' })).status).toBe(200);
    expect(await issue('ci', { id: 'mine' })).toMatchObject({
      status: 400,
      body: { message: "Token id 'mine' has been used. " },
    });
    expect((await issue('ops', { id: 'mine' })).status).toBe(200);
  });

  it('is issued to whoever is in a group of the role, and otherwise needs the right to the project', async () => {
    const attempt = (groups: readonly string[], project = 'team') =>
      createRoleToken(
        server.deps,
        {
          by: userInitiator('dev'),
          address: '',
          groups,
          require: ({ object }) => {
            throw new KeelsonError('forbidden', `permission denied: ${object}`);
          },
        },
        { project, role: 'ci' },
        { issuedAt: new Date(), expiresInSeconds: 0, id: '' },
        async ({ subject }) => subject,
      );
    expect(await attempt(['builders'])).toBe('proj:team:ci');
    await expect(attempt(['others'])).rejects.toThrow('permission denied: team');
    // Nobody else hears whether there is a project.
    await expect(attempt(['builders'], 'ghost')).rejects.toThrow('permission denied: ghost');
  });
});
