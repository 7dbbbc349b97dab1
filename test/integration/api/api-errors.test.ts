import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openapiDocument } from '../../../api/app.ts';
import { at, startApi, type TestApi } from '../../support/keelson/api/api.ts';

let server: TestApi;
let uiDir: string;
beforeAll(async () => {
  uiDir = mkdtempSync(join(tmpdir(), 'keelson-ui-'));
  mkdirSync(join(uiDir, 'assets'));
  writeFileSync(join(uiDir, 'index.html'), '<title>Keelson</title>');
  writeFileSync(join(uiDir, 'assets', 'index-abcdef12.js'), 'export {};');
  server = await startApi({ config: { uiDir } });
});
afterAll(async () => {
  await server.close();
  rmSync(uiDir, { recursive: true });
});

describe('api/app', () => {
  test('an unknown path below /api is a JSON 404 that names it', async () => {
    const { status, body } = await server.call('GET', '/api/v1/unknown');
    expect(status).toBe(404);
    expect(body).toEqual({
      error: 'GET /api/v1/unknown is not a path of this server',
      code: 5,
      message: 'GET /api/v1/unknown is not a path of this server',
    });
  });

  test('a request that changes something must be JSON, DELETE too and without a charset', async () => {
    for (const [method, path] of [
      ['POST', '/api/v1/applications'],
      ['DELETE', '/api/v1/applications/x'],
    ] as const) {
      for (const type of ['text/plain', 'application/json; charset=utf-8']) {
        const { status, body } = await server.call(method, path, '{}', { 'content-type': type });
        expect(status).toBe(415);
        expect(body).toBe('Invalid content type');
      }
    }
  });

  test('a body that does not fit is refused with every issue, its path and what to do', async () => {
    const { status, body } = await server.call('POST', '/api/v1/session', { username: 3 });
    expect(status).toBe(400);
    expect(at(body, 'code')).toBe(3);
    expect(at(body, 'message')).toBe(
      'request is not valid: username: must be a text, not a number; put it in quotes; password: is missing; add it as a text',
    );
  });

  test('a body that is not JSON is a 400 in the common form', async () => {
    const { status, body } = await server.call('POST', '/api/v1/session', '{');
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 3, message: expect.stringContaining('JSON') });
    expect(await server.call('POST', '/api/v1/applications', '{')).toMatchObject({ status: 400 });
  });

  test('a body beyond the limit is refused', async () => {
    const { status, body } = await server.call(
      'POST',
      '/api/v1/applications',
      `"${'x'.repeat(10 * 1024 * 1024)}"`,
    );
    expect(status).toBe(413);
    expect(at(body, 'code')).toBe(8);
  });

  test('a failure inside tells the client nothing of the inside', async () => {
    const broken = await startApi();
    try {
      await Promise.all([broken.policy.close(), broken.secrets.close()]);
      await Promise.all([broken.feed.close(), broken.settings.close()]);
      await broken.connection.pool.end();
      const { status, body } = await broken.call('GET', '/api/v1/projects');
      expect(status).toBe(500);
      expect(body).toMatchObject({ code: 13, message: expect.stringContaining('internal error') });
      expect((await broken.call('GET', '/healthz')).status).toBe(503);
    } finally {
      await broken.connection.close();
    }
  });

  test('version tells anonymous callers its number alone, under capitalised keys', async () => {
    const anonymous = await (await server.api.request('/api/version')).json();
    expect(anonymous).toEqual({ Version: 'v1.2.3' });
    expect((await server.call('GET', '/api/version')).body).toMatchObject({
      Version: 'v1.2.3',
      Compiler: 'node',
    });
  });

  test('settings are public, the namespace of applications is for those logged in', async () => {
    const anonymous = await (await server.api.request('/api/v1/settings')).json();
    expect(anonymous).toMatchObject({ url: 'https://keelson.example.com', trackingMethod: 'annotation' });
    expect(anonymous).not.toHaveProperty('controllerNamespace');
    expect((await server.call('GET', '/api/v1/settings')).body).toMatchObject({
      controllerNamespace: 'argocd',
    });
  });

  test('health says ok while the database answers', async () => {
    for (const path of ['/healthz', '/healthz?full=true']) {
      const reply = await server.api.request(path);
      expect([reply.status, await reply.text()]).toEqual([200, 'ok']);
    }
  });

  test('the OpenAPI document lists the routes and is the one that is written to the repository', async () => {
    const { body } = await server.call('GET', '/swagger.json');
    expect(body).toEqual(JSON.parse(JSON.stringify(openapiDocument('v1.2.3'))));
    const paths = Object.keys(at(body, 'paths') as object);
    for (const path of [
      '/api/v1/applications/{name}/sync',
      '/api/v1/stream/applications',
      '/api/v1/account/can-i/{resource}/{action}/{subresource}',
      '/api/webhook',
      '/healthz',
    ]) {
      expect(paths).toContain(path);
    }
    expect(at(body, 'components.schemas.Application.type')).toBe('object');
  });
});

describe('api/ui', () => {
  test('pages fall back to the start page, hashed files may be kept forever', async () => {
    const html = { accept: 'text/html,application/xhtml+xml' };
    for (const path of ['/', '/applications/guestbook?view=tree', '/login']) {
      const page = await server.api.request(path, { headers: html });
      expect([page.status, await page.text()]).toEqual([200, '<title>Keelson</title>']);
      expect(page.headers.get('cache-control')).toBe('no-cache');
      expect(page.headers.get('x-frame-options')).toBe('sameorigin');
      const policy = page.headers.get('content-security-policy');
      for (const rule of ["default-src 'self'", "object-src 'none'", "frame-ancestors 'self'"])
        expect(policy).toContain(rule);
      expect(page.headers.get('strict-transport-security')).toBe('max-age=31536000');
      expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    }
    const script = await server.api.request('/assets/index-abcdef12.js');
    expect(script.headers.get('cache-control')).toContain('immutable');
    expect(script.headers.get('content-type')).toContain('javascript');
  });

  test('missing files and API paths do not fall back to the page', async () => {
    const html = { accept: 'text/html' };
    expect((await server.api.request('/assets/gone-abcdef12.js')).status).toBe(404);
    expect((await server.call('GET', '/api/v1/unknown', undefined, html)).status).toBe(404);
    const outside = await server.api.request('/..%2f..%2fpackage.json');
    expect(outside.status).toBe(404);
  });
});
