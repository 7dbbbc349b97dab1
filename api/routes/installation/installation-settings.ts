import { createRoute, z } from '@hono/zod-openapi';
import { putSettings, rollBackSettings } from '../../../control/change-settings.ts';
import { acceptSettings } from '../../../control/settings/accept-settings.ts';
import { waitsForAccept } from '../../../core/home/settings/notice.ts';
import { shownRef } from '../../../core/home/settings/settings-object.ts';
import { hideWords } from '../../../core/settings/words/hidden-words.ts';
import { readSettings } from '../../../core/settings/words/read-settings.ts';
import { formatTime } from '../../../core/text/time.ts';
import {
  AcceptSettingsBody,
  InstallationSettings,
  InstallationSettingsBody,
  type SettingsCondition,
} from '../../../core/wire/server.ts';
import { type HomeSettingsRow, listSettingsObjects } from '../../../db/queries/home/settings-object.ts';
import { readSettingsWords } from '../../../db/queries/installation/settings-words.ts';
import { actorOf, requirePermission } from '../../auth/enforce.ts';
import { asks } from '../../auth/permission.ts';
import type { Api, ApiContext } from '../../context.ts';
import { flag, replies, validatedBody } from '../../route.ts';

const path = '/api/v1/keelson/settings';

const get = createRoute({
  method: 'get',
  path,
  ...asks('settings', 'get'),
  tags: ['settings'],
  summary: 'The words that set this installation, with values that may hold credentials hidden',
  responses: replies('The words in force, and the problems of their keys', InstallationSettings),
});

const put = createRoute({
  method: 'put',
  path,
  ...asks('settings', 'update'),
  tags: ['settings'],
  summary: 'Replace the words of the given ConfigMaps; words that can not be read are refused as a whole',
  request: { query: z.object({ partial: flag }), body: validatedBody(InstallationSettingsBody) },
  responses: replies('The words in force, and whether they changed', InstallationSettings),
});

const rollback = createRoute({
  method: 'post',
  path: `${path}/rollback`,
  ...asks('settings', 'update'),
  tags: ['settings'],
  summary: 'Bring back the words before the last change',
  responses: replies('The words in force', InstallationSettings),
});

const accept = createRoute({
  method: 'post',
  path: `${path}/accept`,
  ...asks('settings', 'update'),
  tags: ['settings'],
  summary: 'Put in force what objects of the home cluster say where something else is in force until then',
  request: { body: validatedBody(AcceptSettingsBody) },
  responses: replies('The words in force, and whether anything was accepted', InstallationSettings),
});

/** The settings of the installation, for whoever runs it. */
export function installationSettingsRoutes(api: Api): void {
  api.openapi(get, async (c) => {
    requirePermission(c, 'settings', 'get', '*');
    return c.json(await settingsJson(c));
  });

  api.openapi(put, async (c) => {
    requirePermission(c, 'settings', 'update', '*');
    const { partial = false } = c.req.valid('query');
    const { configMaps } = c.req.valid('json');
    const { changed } = await putSettings(c.var.deps, configMaps, actorOf(c), { partial });
    await c.var.deps.settings.reload();
    return c.json({ ...(await settingsJson(c)), changed });
  });

  api.openapi(rollback, async (c) => {
    requirePermission(c, 'settings', 'update', '*');
    const { changed } = await rollBackSettings(c.var.deps, actorOf(c));
    await c.var.deps.settings.reload();
    return c.json({ ...(await settingsJson(c)), changed });
  });

  api.openapi(accept, async (c) => {
    requirePermission(c, 'settings', 'update', '*');
    const { seen } = c.req.valid('json');
    const accepted = await acceptSettings(c.var.deps, actorOf(c), seen);
    await c.var.deps.settings.reload();
    return c.json({ ...(await settingsJson(c)), changed: accepted.length > 0 });
  });
}

async function settingsJson(c: ApiContext): Promise<InstallationSettings> {
  const { db, keyring } = c.var.deps;
  const { current, previous } = await readSettingsWords(db, keyring);
  const { problems } = readSettings(current);
  const conditions = conditionsOf(await listSettingsObjects(db));
  return {
    configMaps: hideWords(current),
    problems,
    ...(conditions.length === 0 ? {} : { conditions }),
    previous: previous !== undefined,
  };
}

function conditionsOf(rows: readonly HomeSettingsRow[]): SettingsCondition[] {
  return rows.flatMap((row) =>
    row.notices.map((notice) => ({
      ...notice,
      object: shownRef(row),
      resourceVersion: row.resourceVersion,
      since: formatTime(row.noticedAt ?? row.objectCreatedAt),
      waits: waitsForAccept([notice]),
    })),
  );
}
