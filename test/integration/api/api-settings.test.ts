import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDirty } from '../../../db/queries/application/refresh-request.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { settings as settingsTable } from '../../../db/schema/record.ts';
import { openSettingsSource } from '../../../db/settings-source.ts';
import type { Logger } from '../../../platform/logger.ts';
import { at, eventually, guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';

const path = '/api/v1/keelson/settings';
const nothing = (): void => {};
const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server?.close());

const put = (cm: Record<string, string>, query = '') =>
  server.call('PUT', `${path}${query}`, { configMaps: { 'argocd-cm': cm } });

describe('api/routes/installation-settings', () => {
  it('starts with no words and nothing to go back to', async () => {
    expect((await server.call('GET', path)).body).toEqual({ configMaps: {}, problems: [], previous: false });
    const rollback = await server.call('POST', `${path}/rollback`, {});
    expect(rollback.status).toBe(400);
    expect(at(rollback.body, 'message')).toBe('settings were never changed; there is nothing to go back to');
  });

  it('is only for those who may', async () => {
    for (const [method, where] of [
      ['GET', path],
      ['PUT', path],
      ['POST', `${path}/rollback`],
    ] as const) {
      const headers = { 'content-type': 'application/json' };
      const body = method === 'GET' ? null : JSON.stringify({ configMaps: {} });
      expect((await server.api.request(where, { method, headers, body })).status).toBe(401);
    }
  });

  it('puts words in force at once, in every process, with an audit row and a fresh look at applications', async () => {
    const created = await server.call('POST', '/api/v1/applications', guestbook());
    const id = String(at(created.body, 'metadata.uid'));
    const before = await readDirty(server.db, id);
    const { db, keyring, connection } = server;
    const other = await openSettingsSource({ db, changes: connection.changes, keyring, log: silent });
    let heard = 0;
    other.onChange(() => {
      heard += 1;
    });
    const reply = await put({
      'application.resourceTrackingMethod': 'label',
      'application.instanceLabelKey': 'example.com/app',
      'resource.customizations.health.example.com_Widget': 'return {status = "Healthy"}',
      'accounts.ann': 'login',
    });

    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      changed: true,
      previous: true,
      problems: [{ configMap: 'argocd-cm', key: 'accounts.ann', weight: 'unused' }],
    });
    expect((await server.call('GET', '/api/v1/settings')).body).toMatchObject({
      trackingMethod: 'label',
      appLabelKey: 'example.com/app',
      resourceOverrides: {
        'example.com/Widget': { 'health.lua': 'return {status = "Healthy"}' },
        '*/*': { ignoreDifferences: 'jsonPointers:\n  - /status\n' },
      },
    });
    const anonymous: unknown = await (await server.api.request('/api/v1/settings')).json();
    expect(at(anonymous, 'trackingMethod')).toBe('label');
    expect(at(anonymous, 'resourceOverrides')).toBeUndefined();

    // Well before its regular look after 15 s: the announcement reached it.
    await eventually('the other process follows', () => (heard === 1 ? true : undefined), 5);
    expect(other.current().tracking).toEqual({ method: 'label', labelKey: 'example.com/app' });
    await other.close();
    const [entry] = await listAudit(db, 1);
    expect(entry).toMatchObject({ actor: 'admin', action: 'settings.update', object: 'settings' });
    expect(entry?.details['keys']).toContain('application.resourceTrackingMethod');
    expect((await readDirty(db, id))?.generation).toBe((before?.generation ?? 0) + 1);
  });

  it('refuses words that can not be read as a whole and names every key', async () => {
    const before = (await server.call('GET', path)).body;
    const reply = await put({
      'application.resourceTrackingMethod': 'labels',
      'resource.customizations.heallth.Pod': 'x',
      'resource.exclusions': 'apiGroups: [apps]',
    });
    expect(reply.status).toBe(400);
    const message = String(at(reply.body, 'message'));
    expect(message).toMatch(/^settings were not changed; /);
    for (const key of ['resourceTrackingMethod', 'customizations.heallth.Pod', 'resource.exclusions']) {
      expect(message).toContain(key);
    }
    expect((await put({ 'resource.exclusions': '- {}' }, '?partial=true')).status).toBe(400);
    expect((await server.call('PUT', path, { configMaps: { 'other-cm': {} } })).status).toBe(400);
    expect((await server.call('GET', path)).body).toEqual(before);
  });

  it('leaves bad keys out when asked to, keeps the other ConfigMap, and goes back and forth', async () => {
    await server.call('PUT', path, {
      configMaps: { 'argocd-cmd-params-cm': { 'controller.sync.timeout.seconds': '60' } },
    });
    const words = {
      'application.resourceTrackingMethod': 'annotation',
      'resource.compareoptions': 'ignoreResourceStatusField: some',
    };
    const partial = await put(words, '?partial=true');
    expect(partial.body).toMatchObject({
      configMaps: {
        'argocd-cm': words,
        'argocd-cmd-params-cm': { 'controller.sync.timeout.seconds': '60' },
      },
      problems: [{ key: 'resource.compareoptions', weight: 'invalid' }],
    });
    expect((await put(words, '?partial=true')).body).toMatchObject({ changed: false });

    const method = async () => at((await server.call('GET', '/api/v1/settings')).body, 'trackingMethod');
    expect(await method()).toBe('annotation');
    expect((await server.call('POST', `${path}/rollback`, {})).body).toMatchObject({ changed: true });
    expect(await method()).toBe('label');
    await server.call('POST', `${path}/rollback`, {});
    expect(await method()).toBe('annotation');
  });

  it('hides values that may hold credentials, keeps them when they come back, and stores them sealed', async () => {
    const secret = 'canary-client-secret';
    await put({ 'oidc.config': `clientSecret: ${secret}`, passwordPattern: '^.{8,32}$' });
    const shown = await server.call('GET', path);
    expect(JSON.stringify(shown.body)).not.toContain(secret);
    expect(at(shown.body, 'configMaps.argocd-cm')).toEqual({
      'oidc.config': '(hidden)',
      passwordPattern: '^.{8,32}$',
    });
    const rows = await server.db.select().from(settingsTable);
    expect(rows.some(({ sealed }) => sealed.includes(secret))).toBe(false);

    await put({ 'oidc.config': '(hidden)', installationID: 'north' });
    await put({ 'oidc.config': `clientSecret: ${secret}`, installationID: 'north' });
    expect((await put({ 'oidc.config': '(hidden)', installationID: 'north' })).body).toMatchObject({
      changed: false,
    });
    const unknown = await put({ 'dex.config': '(hidden)' });
    expect(unknown.status).toBe(400);
    expect(at(unknown.body, 'message')).toContain('dex.config: is hidden here and not set; give its value');
  });

  it('keeps the settings in force when the stored ones can not be read', async () => {
    const { db, keyring, connection } = server;
    const source = await openSettingsSource({ db, changes: connection.changes, keyring, log: silent });
    const inForce = source.current();
    const bad = JSON.stringify({ 'application.resourceTrackingMethod': 'from-another-release' });
    for (const { key } of await db.select().from(settingsTable)) {
      const sealed = keyring.seal('setting', `settings/${key}`, Buffer.from(bad));
      await db.update(settingsTable).set({ sealed }).where(eq(settingsTable.key, key));
    }
    await expect(source.reload()).rejects.toThrow(/stored settings can't be used: .*resourceTrackingMethod/);
    expect(source.current()).toBe(inForce);
    await source.close();
  });
});
