import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { KeelsonError } from '../../core/errors.ts';
import type { Api, ApiEnv } from '../context.ts';

/** Files whose name holds a hash of their content: a new content comes under a new name. */
const hashedFile = /-[A-Za-z0-9_-]{8}\.\w{1,10}$/;

/** Serves the built user interface; any other page address answers with its start page, which finds its own way. */
export function uiRoutes(api: Api, uiDir: string): void {
  const serveFile = serveStatic<ApiEnv>({ root: uiDir });
  api.get('*', async (c, next) => {
    const reply = await serveFile(c, next);
    if (!(reply instanceof Response)) return;
    const forever = c.req.path.includes('/assets/') && hashedFile.test(c.req.path);
    reply.headers.set('Cache-Control', forever ? 'public, max-age=31536000, immutable' : 'no-cache');
    return reply;
  });
  api.get('*', async (c, next) => {
    const isPage = (c.req.header('accept') ?? '').includes('text/html') && !c.req.path.startsWith('/api/');
    if (!isPage) return next();
    const page = await readFile(join(uiDir, 'index.html'), 'utf8').catch((cause: unknown) => {
      throw new KeelsonError(
        'unavailable',
        `user interface is not in ${uiDir}; set KEELSON_UI_DIR to its folder, or make it: npm run build:ui`,
        { cause },
      );
    });
    c.header('Cache-Control', 'no-cache');
    return c.html(page);
  });
}
