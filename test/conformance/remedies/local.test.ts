import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openReadiness } from '../../../bin/compose/readiness.ts';
import { templateModule } from '../../../local/obtain/template-module.ts';
import { pollUntil } from '../../../local/poll.ts';
import { freePort } from '../../../local/ports.ts';
import { ownStateDirectory } from '../../../local/process/state-directory.ts';
import { chosenTool } from '../../../platform/chosen-tool.ts';
import { readConfig } from '../../../platform/config.ts';
import { createLogger } from '../../../platform/logger.ts';
import { followEach, problemsOf } from '../../support/hostile/remedies.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-remedies-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const program = process.execPath;

describe('the path of a tool', () => {
  const says =
    'KEELSON_TOOL_HELM must be the absolute path of an executable file, but is helm; correct or unset it';
  followEach(
    (env: NodeJS.ProcessEnv) => problemsOf(() => chosenTool('helm', env)),
    [
      [says, { KEELSON_TOOL_HELM: 'helm' }, { KEELSON_TOOL_HELM: program }],
      [says, { KEELSON_TOOL_HELM: 'helm' }, {}],
    ],
  );
});

describe('the path of the module of Go templates', () => {
  const built = join(folder, 'built.wasm');
  writeFileSync(built, 'a module');
  const says = `KEELSON_TOOL_GOTEMPLATE must be the path of a file, but is ${folder}/gone; correct or unset it`;
  followEach(
    (env: NodeJS.ProcessEnv) =>
      problemsOf(() => templateModule({ env, cacheDir: folder, goVersion: '1.26' }).find()),
    [
      [says, { KEELSON_TOOL_GOTEMPLATE: `${folder}/gone` }, { KEELSON_TOOL_GOTEMPLATE: built }],
      [says, { KEELSON_TOOL_GOTEMPLATE: `${folder}/gone` }, {}],
    ],
  );
});

describe('a state directory', () => {
  const [used, free] = [join(folder, 'used'), join(folder, 'free')];
  const says = `state directory ${used} is in use by pid ${process.pid}; stop that or choose another with --state-dir`;
  followEach(
    ({ directory, stopped }: { directory: string; stopped?: true }) =>
      problemsOf(() => {
        const other = ownStateDirectory(used);
        if (stopped === true) other.release();
        try {
          ownStateDirectory(directory).release();
        } finally {
          other.release();
        }
      }),
    [
      [says, { directory: used }, { directory: used, stopped: true }],
      [says, { directory: used }, { directory: free }],
    ],
  );
});

describe('the port for health checks', () => {
  it('says for what to ask, and that is answered', async () => {
    const port = await freePort();
    const env = { KEELSON_DATABASE_URL: 'postgresql://localhost/x', KEELSON_ENCRYPTION_KEY: 'k' };
    const config = readConfig({
      ...env,
      KEELSON_HEALTH_PORT: String(port),
      KEELSON_READY_FILE: join(folder, 'ready'),
    });
    const readiness = openReadiness(config, createLogger({ name: 'test', level: 'silent' }));
    const ask = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return `${response.status} ${(await response.text()).trim()}`;
    };
    await pollUntil('the port served', 10, async () => (await ask('/')) !== '');
    expect(await ask('/')).toBe('404 ask for /healthz or /readyz');
    expect(await ask('/healthz')).toBe('200 ok');
    expect(await ask('/readyz')).toBe('503 starting');
    readiness.ready();
    expect(await ask('/readyz')).toBe('200 ok');
    expect(existsSync(join(folder, 'ready'))).toBe(true);
  });
});
