import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { describe, expect, it } from 'vitest';
import { openapiDocument } from '../app.ts';
import type { ApiEnv } from '../context.ts';
import { enforce } from './enforce.ts';
import { asks, holdToPermissions, open } from './permission.ts';

type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>> };

/** A server with one route, declared as given, that answers after what `handle` asks. */
function serverOf(declared: object, handle: 'asks' | 'asks another' | 'forgets') {
  const api = new OpenAPIHono<ApiEnv>();
  api.use(holdToPermissions(api));
  const route = createRoute({
    method: 'get',
    path: '/things/{name}',
    ...declared,
    responses: { 200: { description: 'a thing' } },
  });
  api.openapi(route, (c) => {
    if (handle !== 'forgets') enforce(c, 'applications', handle === 'asks' ? 'get' : 'sync', 'default/a');
    return c.text('shown');
  });
  api.onError((error, c) => c.text(error.message, 500));
  return async () => {
    const reply = await api.request('/things/a');
    return [reply.status, await reply.text()];
  };
}

describe('api/auth/permission', () => {
  it('is declared with every route', () => {
    const { paths } = openapiDocument() as Document;
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, route]) => ({ name: `${method} ${path}`, route })),
    );
    expect(routes.length).toBeGreaterThan(60);
    expect(routes.filter(({ route }) => !('x-permission' in route)).map(({ name }) => name)).toEqual([]);
  });

  it('lets a route answer that asks for its right, and one that is for everybody', async () => {
    expect(await serverOf(asks('applications', 'get'), 'asks')()).toEqual([200, 'shown']);
    expect(await serverOf(open, 'forgets')()).toEqual([200, 'shown']);
  });

  it.each(['forgets', 'asks another'] as const)('shows nothing of a route that %s', async (handle) => {
    expect(await serverOf(asks('applications', 'get'), handle)()).toEqual([
      500,
      '/things/a answered without asking for the right applications, get',
    ]);
  });

  it('shows nothing of a route that declares no right', async () => {
    expect(await serverOf({}, 'asks')()).toEqual([
      500,
      '/things/a answered without asking for a right, which it does not declare',
    ]);
  });
});
