import { createRoute, z } from '@hono/zod-openapi';
import { forgetGpgKey, registerGpgKeys, shortKeyId, unknownKey } from '../../../control/access/gpg-keys.ts';
import { Empty } from '../../../core/wire/shape.ts';
import { CreatedGpgKeys, GpgKey, GpgKeyList } from '../../../core/wire/trust.ts';
import { findGpgKey, type GpgKeyRow, listGpgKeys } from '../../../db/queries/repository/gpg-key.ts';
import { readPgpKeys } from '../../../platform/keys/pgp-key.ts';
import { actorOf, requirePermission } from '../../auth/enforce.ts';
import { asks } from '../../auth/permission.ts';
import type { Api } from '../../context.ts';
import { replies, text, validatedBody } from '../../route.ts';

const path = '/api/v1/gpgkeys';

const list = createRoute({
  method: 'get',
  path,
  ...asks('gpgkeys', 'get'),
  tags: ['gpgkeys'],
  summary: 'List GnuPG keys whose signatures are believed',
  request: { query: z.object({ keyID: text }) },
  responses: replies('The keys', GpgKeyList),
});

const get = createRoute({
  method: 'get',
  path: `${path}/{keyID}`,
  ...asks('gpgkeys', 'get'),
  tags: ['gpgkeys'],
  summary: 'One GnuPG key',
  request: { params: z.object({ keyID: z.string() }) },
  responses: replies('The key', GpgKey),
});

const create = createRoute({
  method: 'post',
  path,
  ...asks('gpgkeys', 'create'),
  tags: ['gpgkeys'],
  summary: 'Register the public keys of an armored text; known ones are skipped',
  request: { body: validatedBody(z.object({ keyData: z.string() })) },
  responses: replies('The created keys, and the ids of the skipped ones', CreatedGpgKeys),
});

const remove = createRoute({
  method: 'delete',
  path,
  ...asks('gpgkeys', 'delete'),
  tags: ['gpgkeys'],
  summary: 'Forget a GnuPG key',
  request: { query: z.object({ keyID: text }) },
  responses: replies('Nothing', Empty),
});

/** GnuPG keys by which signed commits are known. */
export function gpgKeyRoutes(api: Api): void {
  api.openapi(list, async (c) => {
    requirePermission(c, 'gpgkeys', 'get', '');
    const { keyID } = c.req.valid('query');
    const rows = (await listGpgKeys(c.var.deps.db)).filter(
      (row) => !keyID || row.keyId === shortKeyId(keyID),
    );
    return c.json({ metadata: {}, items: rows.map(keyJson) });
  });

  api.openapi(get, async (c) => {
    requirePermission(c, 'gpgkeys', 'get', '');
    const id = c.req.valid('param').keyID;
    const row = await findGpgKey(c.var.deps.db, shortKeyId(id));
    if (row === undefined) throw unknownKey(id);
    return c.json(keyJson(row));
  });

  api.openapi(create, async (c) => {
    requirePermission(c, 'gpgkeys', 'create', '');
    const keys = readPgpKeys(c.req.valid('json').keyData);
    const { created, skipped } = await registerGpgKeys(c.var.deps, actorOf(c), keys);
    return c.json({ created: { metadata: {}, items: created.map(keyJson) }, skipped });
  });

  api.openapi(remove, async (c) => {
    await forgetGpgKey(c.var.deps, actorOf(c), c.req.valid('query').keyID ?? '');
    return c.json({});
  });
}

function keyJson({ keyId, fingerprint, owner, keyType, content }: Omit<GpgKeyRow, 'createdAt'>): GpgKey {
  return { keyID: keyId, fingerprint, owner, subType: keyType, trust: 'unknown', keyData: content };
}
