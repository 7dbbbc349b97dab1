import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { KeelsonError } from '../../core/errors.ts';
import type { Resource } from '../../core/rbac/resources.ts';
import type { ApiEnv } from '../context.ts';

/** What a caller needs for a route, as it is declared with it and stands in the OpenAPI document. */
export type RoutePermission =
  /** Everybody, also without a login. */
  | 'open'
  /** Whoever is logged in. */
  | 'login'
  /** A right to the object that the request is about. */
  | { readonly resource: Resource; readonly action: string }
  /** A right to each object of a list, of which the others are left out, or to what isn't the caller's own. */
  | { readonly resource: Resource; readonly action: string; readonly of: 'each' | 'others' };

type Declared = { readonly 'x-permission': RoutePermission };

/** Declares a route for everybody. */
export const open: Declared = { 'x-permission': 'open' };

/** Declares a route for whoever is logged in. */
export const loggedIn: Declared = { 'x-permission': 'login' };

/** Declares a route that asks for a right before it answers. */
export function asks(resource: Resource, action: string): Declared {
  return { 'x-permission': { resource, action } };
}

/** Declares a route that asks for a right to each object that it shows or takes. */
export function asksEach(resource: Resource, action: string): Declared {
  return { 'x-permission': { resource, action, of: 'each' } };
}

/** Declares a route that asks for a right where the object isn't the caller's own. */
export function asksOfOthers(resource: Resource, action: string): Declared {
  return { 'x-permission': { resource, action, of: 'others' } };
}

/** How a right is noted once it was asked for. */
export function noteOf(resource: string, action: string): string {
  return `${resource}, ${action.split('/')[0]}`;
}

/**
 * Lets no route answer that has not asked for the right with which it is declared: a handler that forgets it fails in
 * its first test, and in production shows nothing.
 */
export function holdToPermissions(api: OpenAPIHono<ApiEnv>): MiddlewareHandler<ApiEnv> {
  // Made with the first request: more routes may be declared until then.
  let declared: ReturnType<typeof permissionsOf> | undefined;
  return async (c, next) => {
    const asked = new Set<string>();
    c.set('asked', asked);
    await next();
    if (!c.res.ok) return;
    declared ??= permissionsOf(api);
    const permissions = declared;
    const route = matchedRoutes(c).findLast(({ method, path }) => permissions.has(`${method} ${path}`));
    if (route === undefined) return;
    const permission = permissions.get(`${route.method} ${route.path}`);
    if (permission === undefined) throw unasked(c.req.path, 'a right, which it does not declare');
    if (typeof permission === 'string' || 'of' in permission) return;
    const needed = noteOf(permission.resource, permission.action);
    if (!asked.has(needed)) throw unasked(c.req.path, `the right ${needed}`);
  };
}

function unasked(path: string, what: string): KeelsonError {
  return new KeelsonError('internal', `${path} answered without asking for ${what}`);
}

/** The permission of each route, by method and path as they are routed. */
function permissionsOf(api: OpenAPIHono<ApiEnv>): ReadonlyMap<string, RoutePermission | undefined> {
  const found = new Map<string, RoutePermission | undefined>();
  for (const definition of api.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue;
    const { method, path, ...route } = definition.route;
    const routed = path.replaceAll('{', ':').replaceAll('}', '');
    found.set(`${method.toUpperCase()} ${routed}`, Reflect.get(route, 'x-permission'));
  }
  return found;
}
