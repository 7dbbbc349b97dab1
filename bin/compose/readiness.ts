import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { ownField } from '../../core/own-field.ts';
import type { Config } from '../../platform/config.ts';
import type { Logger } from '../../platform/logger.ts';

/** Tells supervisors and health checks how far the start of a role is. */
export type Readiness = {
  /** Says what the role waits for; a supervisor then gives it the time. */
  waitFor(what: string): void;
  /** The role serves. */
  ready(): void;
};

/** The file beside the ready file in which a role says what it waits for; gone when it serves. */
export function waitingFile(readyFile: string): string {
  return `${readyFile}.waiting`;
}

/** Opens the doors that the configuration names: the ready file, and the port of `/healthz` and `/readyz`. */
export function openReadiness(config: Config, log: Logger): Readiness {
  const { KEELSON_READY_FILE: file, KEELSON_HEALTH_PORT: port } = config;
  let state = 'starting';
  if (port !== undefined) serveHealth(config.KEELSON_HOST, port, () => state, log);
  return {
    waitFor(what) {
      state = `waiting: ${what}`;
      if (file === undefined) return;
      writeFileSync(`${waitingFile(file)}.part`, `${what}\n`);
      renameSync(`${waitingFile(file)}.part`, waitingFile(file));
    },
    ready() {
      state = 'ok';
      if (file === undefined) return;
      rmSync(waitingFile(file), { force: true });
      writeFileSync(file, `${process.pid}\n`);
    },
  };
}

/** `/healthz` answers as long as the process does; `/readyz` says 503 and what is missing until the role serves. */
function serveHealth(host: string, port: number, state: () => string, log: Logger): void {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const answers: Record<string, [number, string]> = {
      '/healthz': [200, 'ok'],
      '/readyz': [state() === 'ok' ? 200 : 503, state()],
    };
    const [status, text] = ownField(answers, path) ?? [404, 'ask for /healthz or /readyz'];
    response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
  });
  // Without it the role is as useful as with it, and the failed check says that something is wrong.
  server.on('error', (error) => log.error({ port, error: error.message }, 'health port cannot be served'));
  server.listen(port, host);
  // It must not keep a process alive that has ended its work.
  server.unref();
}
