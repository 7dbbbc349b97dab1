import { createRoute } from '@hono/zod-openapi';
import { Version } from '../../../core/wire/server.ts';
import { open } from '../../auth/permission.ts';
import type { Api } from '../../context.ts';
import { replies } from '../../route.ts';

const getVersion = createRoute({
  method: 'get',
  path: '/api/version',
  ...open,
  tags: ['server'],
  summary: 'Version of the server; anonymous callers get nothing else',
  responses: replies('Version', Version),
});

/** GET /api/version. */
export function versionRoutes(api: Api): void {
  api.openapi(getVersion, (c) => {
    const { version } = c.var.deps.config;
    if (c.var.subject === undefined) return c.json({ Version: version });
    return c.json({
      Version: version,
      BuildDate: '',
      GitCommit: '',
      GitTreeState: '',
      Compiler: 'node',
      GoVersion: '',
      Platform: `${process.platform}/${process.arch}`,
      ExtraBuildInfo: `node ${process.versions.node}`,
    });
  });
}
