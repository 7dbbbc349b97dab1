import { createRoute } from '@hono/zod-openapi';
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
    return c.json({
      url,
      appLabelKey: 'app.kubernetes.io/instance',
      trackingMethod: 'annotation',
      userLoginsDisabled: false,
      execEnabled: false,
      appsInAnyNamespaceEnabled: false,
      statusBadgeEnabled: false,
      plugins: [],
      ...(c.var.subject === undefined ? {} : { controllerNamespace: controlPlaneNamespace }),
    });
  });
}
