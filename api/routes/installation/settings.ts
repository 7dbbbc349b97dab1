import { createRoute } from '@hono/zod-openapi';
import { instanceLabel } from '../../../core/object/annotations.ts';
import { overridesReply } from '../../../core/settings/overrides/override-reply.ts';
import { PluginList, ServerSettings } from '../../../core/wire/server.ts';
import { inspect } from '../../application/inspect.ts';
import { loggedIn, open } from '../../auth/permission.ts';
import type { Api } from '../../context.ts';
import { ownUrls } from '../../request/own-urls.ts';
import { replies } from '../../route.ts';

const getSettings = createRoute({
  method: 'get',
  path: '/api/v1/settings',
  ...open,
  tags: ['server'],
  summary: 'Settings that the user interface and command line need before login',
  responses: replies('Settings', ServerSettings),
});

const getPlugins = createRoute({
  method: 'get',
  path: '/api/v1/settings/plugins',
  ...loggedIn,
  tags: ['server'],
  summary: 'Config management plugins that a worker reaches: those of the settings and those in sidecars',
  responses: replies('The plugins', PluginList),
});

/** Nobody fetches anything for the answer, and forms wait for it. */
const pluginSeconds = 10;

/** GET /api/v1/settings, GET /api/v1/settings/plugins. */
export function settingsRoutes(api: Api): void {
  api.openapi(getPlugins, async (c) => {
    const { names } = await inspect(c, { kind: 'plugins' }, pluginSeconds);
    return c.json({ plugins: names.map((name) => ({ name })) });
  });

  api.openapi(getSettings, (c) => {
    const [url, ...additionalUrls] = ownUrls(c.var.deps);
    const { controlPlaneNamespace } = c.var.deps.config;
    const settings = c.var.deps.settings.current();
    const shown: ServerSettings = {
      url,
      ...(additionalUrls.length === 0 ? {} : { additionalUrls }),
      appLabelKey: settings.tracking.labelKey ?? instanceLabel,
      trackingMethod: settings.tracking.method,
      ...(settings.tracking.installationId === undefined
        ? {}
        : { installationID: settings.tracking.installationId }),
      userLoginsDisabled: false,
      execEnabled: false,
      appsInAnyNamespaceEnabled: false,
      statusBadgeEnabled: false,
      // Those in sidecars are known to the workers that reach them, and told under settings/plugins.
      plugins: settings.tools.plugins.map(({ address: name }) => ({ name })),
      ...(c.var.subject === undefined
        ? {}
        : {
            controllerNamespace: controlPlaneNamespace,
            // Scripts of an installation are no business of those outside.
            resourceOverrides: overridesReply(settings),
          }),
    };
    return c.json(shown);
  });
}
