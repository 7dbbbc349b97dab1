import { parseArgs } from 'node:util';
import { startPluginServer } from '../activities/plugin/server.ts';
import { readPluginFileAt, serverEnvironment } from '../activities/plugin/server-setup.ts';
import { KeelsonError } from '../core/errors.ts';
import { createLogger } from '../platform/logger.ts';

const usage = `usage: keelson plugin-server [flags]
  --config-dir DIR         folder with plugin.yaml (default /home/argocd/cmp-server/config)
  --socket-dir DIR         folder for the socket, shared with the worker (default /home/argocd/cmp-server/plugins)
  --timeout SECONDS        for all programs of one task (default 90)
  --max-archive-bytes N    of the files of a source as an archive (default 100000000)
  --max-file-bytes N       of these files (default 1000000000)
`;

try {
  await serve(process.argv.slice(2).filter((argument) => argument !== 'plugin-server'));
  process.exit(0);
} catch (error) {
  if (!(error instanceof KeelsonError)) throw error;
  process.stderr.write(`keelson plugin-server: ${error.message}\n`);
  process.exit(1);
}

async function serve(args: readonly string[]): Promise<void> {
  const flags = readFlags(args);
  if (flags.help === true) {
    process.stdout.write(usage);
    return;
  }
  const log = createLogger({ name: 'plugin-server', level: 'info' });
  const { plugin, notes } = await readPluginFileAt(flags['config-dir']);
  for (const note of notes) log.warn({ plugin: plugin.address }, note);
  const server = await startPluginServer({
    plugin,
    socketDir: flags['socket-dir'],
    ...serverEnvironment(process.env, plugin.rights.variables),
    timeoutSeconds: positive('timeout', flags.timeout),
    limits: {
      maxArchiveBytes: positive('max-archive-bytes', flags['max-archive-bytes']),
      maxFileBytes: positive('max-file-bytes', flags['max-file-bytes']),
    },
    log,
  });
  log.info({ plugin: plugin.address, socket: server.socket }, 'plugin served');
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  await server.close();
}

function readFlags(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean' },
        'config-dir': { type: 'string', default: '/home/argocd/cmp-server/config' },
        'socket-dir': { type: 'string', default: '/home/argocd/cmp-server/plugins' },
        timeout: { type: 'string', default: '90' },
        'max-archive-bytes': { type: 'string', default: '100000000' },
        'max-file-bytes': { type: 'string', default: '1000000000' },
      },
    });
    return values;
  } catch (cause) {
    throw new KeelsonError('invalid-argument', `${String((cause as Error).message)}\n${usage}`, { cause });
  }
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new KeelsonError('invalid-argument', `--${flag} ${text}: must be a number above 0`);
}
