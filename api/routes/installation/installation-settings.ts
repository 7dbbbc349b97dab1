import { createRoute, z } from '@hono/zod-openapi';
import { putSettings, rollBackSettings } from '../../../control/change-settings.ts';
import { hideWords } from '../../../core/settings/words/hidden-words.ts';
import { readSettings } from '../../../core/settings/words/read-settings.ts';
import { InstallationSettings, InstallationSettingsBody } from '../../../core/wire/server.ts';
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
}

async function settingsJson(c: ApiContext): Promise<InstallationSettings> {
  const { db, keyring } = c.var.deps;
  const { current, previous } = await readSettingsWords(db, keyring);
  const { problems } = readSettings(current);
  return { configMaps: hideWords(current), problems, previous: previous !== undefined };
}
