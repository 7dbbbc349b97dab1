import { createRoute, z } from '@hono/zod-openapi';
import { KeelsonError } from '../../core/errors.ts';
import { renderSignedAgain } from '../../db/queries/access-change.ts';
import { recordAudit } from '../../db/queries/audit.ts';
import {
  addGpgKey,
  deleteGpgKey,
  findGpgKey,
  type GpgKeyRow,
  listGpgKeys,
} from '../../db/queries/gpg-key.ts';
import { type PgpKey, readPgpKeys } from '../../platform/pgp-key.ts';
import { hintRefreshes } from '../access-change.ts';
import { requirePermission, subjectOf } from '../auth/enforce.ts';
import type { Api, ApiContext } from '../context.ts';
import { replies, text, validatedBody } from '../route.ts';

const path = '/api/v1/gpgkeys';

const list = createRoute({
  method: 'get',
  path,
  tags: ['gpgkeys'],
  summary: 'List GnuPG keys whose signatures are believed',
  request: { query: z.object({ keyID: text }) },
  responses: replies('`items` of `keyID`, `fingerprint`, `owner`, `subType` and `keyData`'),
});

const get = createRoute({
  method: 'get',
  path: `${path}/{keyID}`,
  tags: ['gpgkeys'],
  summary: 'One GnuPG key',
  request: { params: z.object({ keyID: z.string() }) },
  responses: replies('The key'),
});

const create = createRoute({
  method: 'post',
  path,
  tags: ['gpgkeys'],
  summary: 'Register the public keys of an armored text; known ones are skipped',
  request: { body: validatedBody(z.object({ keyData: z.string() })) },
  responses: replies('`created.items`, and the ids that were `skipped`'),
});

const remove = createRoute({
  method: 'delete',
  path,
  tags: ['gpgkeys'],
  summary: 'Forget a GnuPG key',
  request: { query: z.object({ keyID: text }) },
  responses: replies('Nothing'),
});

/** GnuPG keys by which signed commits are known. */
export function gpgKeyRoutes(api: Api): void {
  api.openapi(list, async (c) => {
    requirePermission(c, 'gpgkeys', 'get', '');
    const { keyID } = c.req.valid('query');
    const rows = (await listGpgKeys(c.var.deps.db)).filter((row) => !keyID || row.keyId === shortId(keyID));
    return c.json({ metadata: {}, items: rows.map(keyJson) });
  });

  api.openapi(get, async (c) => {
    requirePermission(c, 'gpgkeys', 'get', '');
    const id = c.req.valid('param').keyID;
    const row = await findGpgKey(c.var.deps.db, shortId(id));
    if (row === undefined) throw unknownKey(id);
    return c.json(keyJson(row));
  });

  api.openapi(create, async (c) => {
    requirePermission(c, 'gpgkeys', 'create', '');
    const { created, skipped } = await registerGpgKeys(c, readPgpKeys(c.req.valid('json').keyData));
    return c.json({ created: { metadata: {}, items: created.map(keyJson) }, skipped });
  });

  api.openapi(remove, async (c) => {
    requirePermission(c, 'gpgkeys', 'delete', '');
    const { keyID = '' } = c.req.valid('query');
    const raised = await c.var.deps.db.transaction(async (tx) => {
      if (!(await deleteGpgKey(tx, shortId(keyID)))) throw unknownKey(keyID);
      await recordAudit(tx, {
        actor: subjectOf(c).username,
        action: 'gpgkey.delete',
        object: shortId(keyID),
      });
      return renderSignedAgain(tx);
    });
    hintRefreshes(c, raised);
    return c.json({});
  });
}

/** Registers keys; applications that need signatures are rendered again, since one may be known now. */
export async function registerGpgKeys(
  c: ApiContext,
  keys: readonly PgpKey[],
): Promise<{ readonly created: Omit<GpgKeyRow, 'createdAt'>[]; readonly skipped: string[] }> {
  const created: Omit<GpgKeyRow, 'createdAt'>[] = [];
  const skipped: string[] = [];
  const raised = await c.var.deps.db.transaction(async (tx) => {
    for (const { armored, ...facts } of keys) {
      const row = { ...facts, content: armored };
      if (await addGpgKey(tx, row)) created.push(row);
      else skipped.push(row.keyId);
    }
    if (created.length === 0) return [];
    const details = { keys: created.map(({ keyId }) => keyId) };
    await recordAudit(tx, {
      actor: subjectOf(c).username,
      action: 'gpgkey.create',
      object: 'gpgkeys',
      details,
    });
    return renderSignedAgain(tx);
  });
  hintRefreshes(c, raised);
  return { created, skipped };
}

/** A key is asked for by its fingerprint or by the end of it. */
function shortId(id: string): string {
  return id.replace(/^0x/i, '').toUpperCase().slice(-16);
}

function unknownKey(id: string): KeelsonError {
  return new KeelsonError('not-found', `GnuPG key ${id} was not found; list the keys to see their ids`);
}

function keyJson({ keyId, fingerprint, owner, keyType, content }: Omit<GpgKeyRow, 'createdAt'>) {
  return { keyID: keyId, fingerprint, owner, subType: keyType, trust: 'unknown', keyData: content };
}
