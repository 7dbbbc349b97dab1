import { createRoute } from '@hono/zod-openapi';
import { instanceLabel } from '../../core/object/annotations.ts';
import { overridesReply } from '../../core/settings/override-reply.ts';
import type { Api } from '../context.ts';
import { replies } from '../route.ts';

const getSettings = createRoute({
  method: 'get',
  path: '/api/v1/settings',
  tags: ['server'],
  summary: 'Settings that the user interface and command line need before login',
  responses: replies('Settings'),
});

/** GET /api/v1/settings. */
export function settingsRoutes(api: Api): void {
  api.openapi(getSettings, (c) => {
    const { url, controlPlaneNamespace } = c.var.deps.config;
    const settings = c.var.deps.settings.current();
    return c.json({
      url,
      appLabelKey: settings.tracking.labelKey ?? instanceLabel,
      trackingMethod: settings.tracking.method,
      ...(settings.tracking.installationId === undefined
        ? {}
        : { installationID: settings.tracking.installationId }),
      userLoginsDisabled: false,
      execEnabled: false,
      appsInAnyNamespaceEnabled: false,
      statusBadgeEnabled: false,
      // Those in sidecars are known to the workers that reach them.
      plugins: settings.tools.plugins.map(({ address: name }) => ({ name })),
      ...(c.var.subject === undefined
        ? {}
        : {
            controllerNamespace: controlPlaneNamespace,
            // Scripts of an installation are no business of those outside.
            resourceOverrides: overridesReply(settings),
          }),
    });
  });
}
