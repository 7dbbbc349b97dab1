import { OpenAPIHono } from '@hono/zod-openapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordDenials } from '../../../api/auth/denials.ts';
import { actorOf } from '../../../api/auth/enforce.ts';
import type { ApiEnv } from '../../../api/context.ts';
import { problemOf } from '../../../api/reply/problem.ts';
import { trustedProxies } from '../../../api/request/client-address.ts';
import { findApplication } from '../../../db/queries/application/application.ts';
import { type AuditRow, listAudit } from '../../../db/queries/installation/audit.ts';
import { guestbook, login } from '../../support/keelson/api/api.ts';
import { type ServedApi, serveApi } from '../../support/keelson/api/serve-api.ts';

let server: ServedApi;

beforeAll(async () => {
  server = await serveApi({ config: { trustedProxies: trustedProxies(['127.0.0.0/8', '::1']) } });
});

afterAll(async () => {
  await server?.close();
});

const newest = async (): Promise<AuditRow | undefined> => (await listAudit(server.db, 1))[0];

describe('the audit', () => {
  it('says of each write of an application who it was, from where, and what it was and became', async () => {
    const { token } = await login(server.api, server.adminPassword);
    const send = (method: string, path: string, body: unknown) =>
      fetch(`${server.url}/api/v1/applications${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          'x-forwarded-for': '198.51.100.7',
          authorization: `Bearer ${token}`,
        },
        body: JSON.stringify(body),
      });
    expect((await send('POST', '', guestbook('audited'))).status).toBe(200);
    const created = await newest();
    expect(created).toMatchObject({
      actor: 'admin',
      action: 'application.create',
      object: 'default/audited',
      sourceAddress: '198.51.100.7',
      decision: 'allowed',
      beforeDigest: null,
      afterDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const changed = { ...guestbook('audited').spec, revisionHistoryLimit: 3 };
    expect((await send('PUT', '/audited/spec', changed)).status).toBe(200);
    const updated = await newest();
    expect(updated).toMatchObject({
      action: 'application.update',
      sourceAddress: '198.51.100.7',
      beforeDigest: created?.afterDigest,
    });
    expect(updated?.afterDigest).not.toBe(created?.afterDigest);
    // What counts is what was decided: the first spec again is the first state.
    expect((await send('PUT', '/audited/spec', guestbook('audited').spec)).status).toBe(200);
    expect(await newest()).toMatchObject({
      beforeDigest: updated?.afterDigest,
      afterDigest: created?.afterDigest,
    });
    const row = await findApplication(server.db, { namespace: 'argocd', name: 'audited' });
    expect(row).toMatchObject({ specGeneration: 3 });
  });

  it('has digests of settings, and nothing by which their words could be guessed', async () => {
    const words = (id: string) => ({ configMaps: { 'argocd-cm': { installationID: id } } });
    await server.call('PUT', '/api/v1/keelson/settings', words('north'));
    const first = await newest();
    await server.call('PUT', '/api/v1/keelson/settings', words('south'));
    expect(await newest()).toMatchObject({ action: 'settings.update', beforeDigest: first?.afterDigest });
  });

  it('has a change that was refused, with the reason', async () => {
    const before = await listAudit(server.db, 100);
    expect((await server.call('GET', '/api/v1/applications/missing')).status).toBe(403);
    expect(await listAudit(server.db, 100)).toEqual(before);
    expect((await server.call('DELETE', '/api/v1/applications/missing')).status).toBe(403);
    expect(await newest()).toMatchObject({
      actor: 'admin',
      action: 'request',
      object: '/api/v1/applications/missing',
      decision: 'denied',
      reason: 'permission denied',
      details: { method: 'DELETE' },
    });
  });

  it('names the right that somebody lacks', async () => {
    const api = apiAs('guest');
    expect((await api.request('/change', { method: 'POST' })).status).toBe(403);
    expect(await newest()).toMatchObject({
      actor: 'guest',
      action: 'applications.sync',
      object: 'team/web',
      decision: 'denied',
      reason: expect.stringContaining('permission denied: applications, sync, team/web, sub: guest'),
      details: { method: 'POST', path: '/change' },
    });
  });

  it('is not filled by strangers', async () => {
    const before = await listAudit(server.db, 100);
    expect((await apiAs(undefined).request('/change', { method: 'POST' })).status).toBe(401);
    const foreign = await server.api.request('/api/v1/applications', {
      method: 'POST',
      headers: {
        cookie: 'argocd.token=x',
        origin: 'https://elsewhere.test',
        'content-type': 'application/json',
      },
      body: '{}',
    });
    expect(foreign.status).toBe(403);
    expect(await listAudit(server.db, 100)).toEqual(before);
  });
});

/** One route that changes something, as it is asked by an account that has no rights, or by nobody. */
function apiAs(username: string | undefined): OpenAPIHono<ApiEnv> {
  const api = new OpenAPIHono<ApiEnv>();
  api.onError((error, c) => {
    const { http, body } = problemOf(error);
    return c.json(body, http);
  });
  api.use(async (c, next) => {
    c.set('deps', server.deps);
    c.set('asked', new Set());
    if (username !== undefined) c.set('subject', subjectNamed(username));
    await next();
  });
  api.use(recordDenials);
  api.post('/change', (c) => {
    actorOf(c).require({ resource: 'applications', action: 'sync', object: 'team/web' });
    return c.json({});
  });
  return api;
}

function subjectNamed(username: string) {
  const now = new Date();
  const login = { id: 'login', startedAt: now, endsAt: now, generation: 0 };
  const claims = { sub: username };
  const times = { issuedAt: now, expiresAt: now };
  return { kind: 'login', username, claims, issuer: 'argocd', ...times, tokenId: 'token', login } as const;
}
