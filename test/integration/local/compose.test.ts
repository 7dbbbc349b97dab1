import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiClient } from '../../../cli/server/client.ts';
import { isFinished } from '../../../core/sync/operation/operation.ts';
import type { OperationView } from '../../../core/wire/operation.ts';
import { prepareImage } from '../../../deploy/compose/prepare-image.ts';
import { pollUntil } from '../../../local/poll.ts';
import { freePort } from '../../../local/ports.ts';
import { type Child, startChild } from '../../../local/process/child.ts';
import { settleAll } from '../../../local/process/settle-all.ts';
import { Config } from '../../../platform/config.ts';
import { generateKey } from '../../../platform/encryption.ts';
import { allocatorEnvironment, heapFlags } from '../../../platform/heap-flags.ts';
import { imageFacts, interpolate, parseCompose, variablesOf } from '../../support/check/compose-file.ts';
import { applicationOf, configMap, deployment, hookJob, yamlOf } from '../../support/keelson/applications.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { type GitServer, startGitServer } from '../../support/servers/git-server.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const text = read('docker-compose.yml');
const compose = parseCompose(text);
const dockerfile = read('Dockerfile');
const image = imageFacts(dockerfile);
const roles = ['server', 'worker', 'session'] as const;
const serviceOf = (name: string) => {
  const service = compose.services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return service;
};

describe('docker-compose.yml', () => {
  it('has the three roles of one image, Temporal and PostgreSQL in pinned versions', () => {
    expect(Object.keys(compose.services).sort()).toEqual(
      ['postgres', 'server', 'session', 'temporal', 'worker'].sort(),
    );
    expect(new Set(roles.map((role) => serviceOf(role).image)).size).toBe(1);
    for (const name of ['temporal', 'postgres']) expect(serviceOf(name).image).toMatch(/:\d/);
    expect(image.user).toBe('node');
  });

  it('holds no secret: each one has to come from the surroundings', () => {
    for (const [name, { environment }] of Object.entries(compose.services)) {
      for (const [variable, value] of Object.entries(environment)) {
        if (!/PASSWORD|PWD|SECRET|ENCRYPTION_KEY|DATABASE_URL/.test(variable)) continue;
        expect(value, `${name}.${variable}`).toMatch(/\$\{\w+:\?[^}]+\}/);
      }
    }
    expect(() => interpolate(text, {})).toThrow(/required variable/);
  });

  it('explains every variable that it takes in .env.example', () => {
    const explained = read('.env.example').matchAll(/^#?([A-Z_]+)=/gm);
    expect([...explained].map(([, name]) => name).sort()).toEqual(variablesOf(text));
  });

  it('gives the roles no variable that they do not know', () => {
    const known = new Set(Object.keys(Config.shape));
    const others = /^(NODE_ENV|HOME|MALLOC_\w+|KEELSON_TOOL_(HELM|KUSTOMIZE|JSONNET))$/;
    for (const role of roles) {
      const given = Object.keys({ ...image.environment, ...serviceOf(role).environment });
      expect(given.filter((name) => !known.has(name) && !others.test(name))).toEqual([]);
    }
  });

  it('starts every role with the bounds of memory that a local one has', () => {
    for (const role of roles) {
      const { command = [] } = serviceOf(role);
      expect(command).toEqual(['node', ...heapFlags, `bin/${role}.ts`]);
      expect({ ...image.environment, ...serviceOf(role).environment }).toMatchObject(allocatorEnvironment);
    }
    const started = JSON.stringify(['node', ...heapFlags, 'bin/server.ts']).replaceAll(',', ', ');
    expect(dockerfile).toContain(`\nCMD ${started}\n`);
  });

  it('mounts only files that are there', () => {
    const mounted = Object.values(compose.services)
      .flatMap(({ volumes }) => volumes)
      .filter((volume) => volume.startsWith('./'))
      .map((volume) => volume.split(':')[0] ?? '');
    expect(mounted.length).toBeGreaterThan(0);
    for (const path of mounted) expect(existsSync(join(root, path)), path).toBe(true);
  });

  it('runs on the same major version of Node as this test', () => {
    const [, major] = /^ARG NODE_IMAGE=node:(\d+)/m.exec(dockerfile) ?? [];
    expect(major).toBe(process.versions.node.split('.')[0]);
  });
});

describe('the roles as docker-compose.yml starts them', () => {
  const platform = testPlatform();
  const adminPassword = 'test-password-of-admin';
  const children: Child[] = [];
  let folder: string;
  let facts: Awaited<ReturnType<typeof platform.createFacts>>;
  let gitServer: GitServer;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'keelson-compose-'));
    facts = await platform.createFacts();
    gitServer = await startGitServer();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    await prepareImage(join(folder, 'image'), { say: () => {}, progress: () => {} });
    const surroundings = {
      KEELSON_ENCRYPTION_KEY: generateKey(),
      KEELSON_ADMIN_PASSWORD: adminPassword,
      KEELSON_WEBHOOK_GITHUB_SECRET: 'test-secret-of-webhook',
      KEELSON_DB_PASSWORD: 'replaced-with-the-address',
      KEELSON_URL: url,
    };
    const start = async (role: string): Promise<void> => {
      const { command = [], environment } = serviceOf(role);
      const [program, ...args] = command;
      expect(program).toBe('node');
      const env = environmentOf({ ...image.environment, ...environment }, surroundings, role, port);
      const readyFile = env['KEELSON_READY_FILE'] ?? '';
      children.push(
        await startChild({
          name: role,
          command: process.execPath,
          arguments: args,
          cwd: root,
          env,
          logFile: join(folder, `${role}.log`),
          pidFile: join(folder, `${role}.pid`),
          ready: async () => existsSync(readyFile),
        }),
      );
    };
    await settleAll(roles.map(start));
  });

  afterAll(async () => {
    await Promise.all(children.map((child) => child.stop()));
    await gitServer?.stop();
    await facts?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The environment of a container, with the addresses of the test platform and this machine's folders. */
  function environmentOf(
    written: Readonly<Record<string, string>>,
    surroundings: Readonly<Record<string, string>>,
    role: string,
    port: number,
  ): Record<string, string> {
    const own = join(folder, role);
    const addresses: Record<string, string> = {
      KEELSON_DATABASE_URL: facts.databaseUrl,
      KEELSON_TEMPORAL_ADDRESS: facts.temporalAddress,
      KEELSON_TEMPORAL_NAMESPACE: facts.temporalNamespace,
      KEELSON_IN_CLUSTER_KUBECONFIG: facts.kubeconfigPath,
      KEELSON_HOST: '127.0.0.1',
      KEELSON_PORT: String(port),
      KEELSON_READY_FILE: join(folder, `${role}.ready`),
    };
    const replaced = Object.entries(written).map(([name, value]): [string, string] => [
      name,
      (addresses[name] ?? interpolate(value, surroundings))
        .replace(/^\/app\/dist\b/, join(folder, 'image'))
        .replace(/^\/var\/lib\/keelson\b/, own),
    ]);
    // Git is looked up on the image's PATH.
    return { PATH: process.env['PATH'] ?? '', ...Object.fromEntries(replaced) };
  }

  it('complete one sync of an application with a hook', async () => {
    const repository = await gitServer.createRepository('shop', {
      'app.yaml': yamlOf(hookJob('migrate', 'PreSync'), configMap('settings', { a: '1' }), deployment('web')),
    });
    const anonymous = createApiClient({ server: url });
    const token = await anonymous.account.login('admin', adminPassword);
    await anonymous.close();
    const client = createApiClient({ server: url, token });
    try {
      const application = applicationOf({
        name: 'composed',
        repoURL: repository.url,
        namespace: 'compose-shop',
      });
      await client.applications.create(application, { upsert: false, validate: true });
      const { operationId } = await client.operations.sync('composed', {});
      let ended: OperationView | undefined;
      await pollUntil('sync of composed ended', 90, async () => {
        ended = await client.operations.get('composed', operationId);
        return isFinished(ended.phase);
      });
      expect(ended).toMatchObject({ phase: 'Succeeded', attempt: 1 });
      await pollUntil('composed Synced and Healthy', 60, async () => {
        const { status } = await client.applications.get('composed');
        return status?.sync?.status === 'Synced' && status.health?.status === 'Healthy';
      });
    } finally {
      await client.close();
    }
  });

  it('serve the prebuilt web UI', async () => {
    const page = await fetch(url);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('<div id=');
  });
});
