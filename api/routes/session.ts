import { createRoute } from '@hono/zod-openapi';
import { LoginBody, Token, UserInfo } from '../../core/wire/session.ts';
import { Empty } from '../../core/wire/shape.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import { clearTokenCookie, setTokenCookie } from '../auth/cookie.ts';
import { loggedIn, open } from '../auth/permission.ts';
import type { Api } from '../context.ts';
import { addressOf } from '../request/caller.ts';
import { replies, validatedBody } from '../route.ts';

const login = createRoute({
  method: 'post',
  path: '/api/v1/session',
  ...open,
  tags: ['session'],
  summary: 'Log in with a local account',
  request: { body: validatedBody(LoginBody) },
  responses: replies('The session token, which is set as a cookie as well', Token),
});

const logout = createRoute({
  method: 'delete',
  path: '/api/v1/session',
  ...loggedIn,
  tags: ['session'],
  summary: 'Log out: the login ends with all its tokens and streams, and the cookie is cleared',
  responses: replies('Nothing', Empty),
});

const userInfo = createRoute({
  method: 'get',
  path: '/api/v1/session/userinfo',
  ...open,
  tags: ['session'],
  summary: 'Who is logged in',
  responses: replies('Login state', UserInfo),
});

/** Login, logout and who is logged in. */
export function sessionRoutes(api: Api): void {
  api.openapi(login, async (c) => {
    const { username, password } = c.req.valid('json');
    const token = await c.var.auth.login(username, password, addressOf(c));
    setTokenCookie(c, token);
    await recordAudit(c.var.deps.db, {
      actor: username,
      address: addressOf(c),
      action: 'login',
      object: 'session',
    });
    return c.json({ token });
  });

  api.openapi(logout, async (c) => {
    const { subject } = c.var;
    if (subject !== undefined) {
      await c.var.auth.logout(subject);
      c.set('token', undefined);
      await recordAudit(c.var.deps.db, {
        actor: subject.username,
        address: addressOf(c),
        action: 'logout',
        object: 'session',
      });
    }
    clearTokenCookie(c);
    return c.json({});
  });

  api.openapi(userInfo, (c) => {
    const { subject } = c.var;
    if (subject === undefined) return c.json({ loggedIn: false, username: '', iss: '', groups: [] });
    return c.json({
      loggedIn: true,
      username: subject.username,
      iss: subject.issuer,
      groups: subject.groups,
    });
  });
}
