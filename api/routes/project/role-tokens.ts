import { createRoute, z } from '@hono/zod-openapi';
import { createRoleToken, deleteRoleToken, type TokenActor } from '../../../control/project/role-tokens.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { RoleTokenBody } from '../../../core/wire/project.ts';
import { Token } from '../../../core/wire/session.ts';
import { Empty } from '../../../core/wire/shape.ts';
import { actorOf, subjectOf } from '../../auth/enforce.ts';
import { asksOfOthers } from '../../auth/permission.ts';
import type { Api, ApiContext } from '../../context.ts';
import { replies, text, validatedBody } from '../../route.ts';

const roleParams = z.object({ project: z.string(), role: z.string() });

const create = createRoute({
  method: 'post',
  path: '/api/v1/projects/{project}/roles/{role}/token',
  // Whoever is in a group of the role needs no right to the project.
  ...asksOfOthers('projects', 'update'),
  tags: ['projects'],
  summary: 'Issue a token of a role; it is shown this once',
  request: { params: roleParams, body: validatedBody(RoleTokenBody) },
  responses: replies('The token', Token),
});

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/projects/{project}/roles/{role}/token/{iat}',
  ...asksOfOthers('projects', 'update'),
  tags: ['projects'],
  summary: 'Revoke a token of a role, by `id` or else by when it was issued; one that is gone stays gone',
  request: { params: roleParams.extend({ iat: z.string() }), query: z.object({ id: text }) },
  responses: replies('Nothing', Empty),
});

/** Longest life of a token: what a date can say. */
const mostSeconds = 100 * 366 * 86_400;

/** Tokens of roles. */
export function roleTokenRoutes(api: Api): void {
  api.openapi(create, async (c) => {
    const { deps, auth } = c.var;
    const body = c.req.valid('json');
    const expiresInSeconds = body.expiresIn ?? 0;
    if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 0 || expiresInSeconds > mostSeconds) {
      throw new KeelsonError(
        'invalid-argument',
        `expiresIn must be a whole number of seconds from 0 to ${mostSeconds}; correct it`,
      );
    }
    const choice = { issuedAt: deps.now(), expiresInSeconds, id: body.id ?? '' };
    const sign = await auth.roleTokenSigner();
    const token = await createRoleToken(deps, tokenActor(c), c.req.valid('param'), choice, sign);
    return c.json({ token });
  });

  api.openapi(remove, async (c) => {
    const { iat, ...of } = c.req.valid('param');
    const { id = '' } = c.req.valid('query');
    const issuedAt = /^\d{1,15}$/.test(iat) ? Number(iat) : Number.NaN;
    if (Number.isNaN(issuedAt)) {
      throw new KeelsonError(
        'invalid-argument',
        `"${iat.slice(0, 100)}" is not a time in seconds; write the token's iat`,
      );
    }
    await deleteRoleToken(c.var.deps, tokenActor(c), of, { id, iat: issuedAt });
    return c.json({});
  });
}

function tokenActor(c: ApiContext): TokenActor {
  return { ...actorOf(c), groups: subjectOf(c).groups };
}
