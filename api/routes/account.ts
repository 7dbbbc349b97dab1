import { createRoute, z } from '@hono/zod-openapi';
import { PasswordBody, Permission } from '../../core/wire/session.ts';
import { Empty } from '../../core/wire/shape.ts';
import { clearTokenCookie } from '../auth/cookie.ts';
import { enforce, requirePermission, subjectOf } from '../auth/enforce.ts';
import { asksOfOthers, loggedIn } from '../auth/permission.ts';
import type { Api, ApiContext } from '../context.ts';
import { addressOf } from '../request/caller.ts';
import { decodeTwice } from '../request/path-id.ts';
import { replies, validatedBody } from '../route.ts';

const canI = createRoute({
  method: 'get',
  path: '/api/v1/account/can-i/{resource}/{action}/{subresource}',
  ...loggedIn,
  tags: ['account'],
  summary: 'Whether the caller may do something; the subresource may contain slashes',
  request: { params: z.object({ resource: z.string(), action: z.string(), subresource: z.string() }) },
  responses: replies('yes or no', Permission),
});

const updatePassword = createRoute({
  method: 'put',
  path: '/api/v1/account/password',
  ...loggedIn,
  tags: ['account'],
  summary: "Change a password, one's own where no name is given; ends all logins of the account",
  request: { body: validatedBody(PasswordBody) },
  responses: replies('Nothing', Empty),
});

const logoutAll = createRoute({
  method: 'delete',
  path: '/api/v1/account/{name}/sessions',
  ...asksOfOthers('accounts', 'update'),
  tags: ['account'],
  summary: 'End all logins of an account, on all servers, with their streams',
  request: { params: z.object({ name: z.string() }) },
  responses: replies('Nothing', Empty),
});

/** What the caller may do, and accounts' passwords and logins. */
export function accountRoutes(api: Api): void {
  api.openapi(updatePassword, async (c) => {
    const subject = subjectOf(c);
    const { name, currentPassword, newPassword } = c.req.valid('json');
    const account = name || subject.username;
    if (account !== subject.username) requirePermission(c, 'accounts', 'update', account);
    await c.var.auth.changePassword(subject, { account, currentPassword, newPassword }, addressOf(c));
    if (account === subject.username) leave(c);
    return c.json({});
  });

  api.openapi(logoutAll, async (c) => {
    const subject = subjectOf(c);
    const { name } = c.req.valid('param');
    if (name !== subject.username) requirePermission(c, 'accounts', 'update', name);
    await c.var.auth.logoutAll({ account: name, actor: subject.username, address: addressOf(c) });
    if (name === subject.username) leave(c);
    return c.json({});
  });

  // Routed by hand: a documented path can't say that its last part may contain slashes.
  api.openAPIRegistry.registerPath(canI);
  api.get('/api/v1/account/can-i/:resource/:action/:subresource{.+}', (c) => {
    const { resource, action, subresource } = c.req.param();
    const allowed = enforce(c, resource, action, decodeTwice(subresource));
    return c.json({ value: allowed ? 'yes' : 'no' });
  });
}

/** The request has ended its own login. */
function leave(c: ApiContext): void {
  c.set('token', undefined);
  clearTokenCookie(c);
}
