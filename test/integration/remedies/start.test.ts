import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Foundation, layFoundation } from '../../../bin/compose/compose.ts';
import { applySettingsFile } from '../../../bin/compose/settings-file.ts';
import { parseUpOptions } from '../../../bin/up/options.ts';
import { checkOptions, clusterTrouble } from '../../../bin/up/preflight.ts';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import type { SettingsWords } from '../../../core/settings/words/problem.ts';
import { changeSettingsWords } from '../../../db/queries/installation/settings-words.ts';
import { openSettingsSource } from '../../../db/settings-source.ts';
import { toolPath } from '../../../local/obtain/tools.ts';
import { freePort } from '../../../local/ports.ts';
import { readConfig } from '../../../platform/config.ts';
import { generateKey } from '../../../platform/encryption.ts';
import { createGoTemplates, defaultTemplateLimits } from '../../../platform/gotemplate/gotemplate.ts';
import { type Followed, followEach, problemsOf } from '../../support/hostile/remedies.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-start-'));
const { kubeconfigPath, postgresUrl, temporalAddress } = testPlatform();
let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let foundation: Foundation;
/** Takes connections and never answers. */
let silent: Server;

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  foundation = await layFoundation(
    'server',
    readConfig({
      KEELSON_DATABASE_URL: facts.databaseUrl,
      KEELSON_TEMPORAL_ADDRESS: facts.temporalAddress,
      KEELSON_TEMPORAL_NAMESPACE: facts.temporalNamespace,
      KEELSON_ENCRYPTION_KEY: generateKey(),
      KEELSON_LOG_LEVEL: 'silent',
    }),
  );
  silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  silent?.close();
  rmSync(folder, { recursive: true, force: true });
  await foundation?.close();
  await facts?.drop();
});

const portOf = (server: Server): number => (server.address() as { port: number }).port;
type Flags = () => Promise<readonly string[]> | readonly string[];

describe('a flag of npm start', () => {
  const broken = join(folder, 'kubeconfig');
  writeFileSync(broken, stringify({ apiVersion: 'v1', kind: 'Config', contexts: [] }));
  const current = credentialsFromKubeconfig(readFileSync(kubeconfigPath, 'utf8')).name;
  const port = ['--port', '0'];
  const rows: readonly Followed<Flags>[] = [
    ...[true, false].map(
      (stops): Followed<Flags> => [
        'is taken by another program; stop that, or choose another with --port N (0 takes any free one)',
        () => ['--port', String(portOf(silent))],
        // A port whose program has stopped, and any free one.
        stops ? async () => ['--port', String(await freePort())] : () => port,
      ],
    ),
    [
      '--context staging names a context of a kubeconfig; give its file with --kubeconfig FILE',
      () => [...port, '--context', 'staging'],
      () => [...port, '--context', current, '--kubeconfig', kubeconfigPath],
    ],
    [
      `--kubeconfig ${kubeconfigPath}.gone: the file can't be read (ENOENT); correct the path`,
      () => [...port, '--kubeconfig', `${kubeconfigPath}.gone`],
      () => [...port, '--kubeconfig', kubeconfigPath],
    ],
    [
      'correct the file or choose another --context',
      () => [...port, '--kubeconfig', broken],
      () => [...port, '--kubeconfig', kubeconfigPath],
    ],
    [
      'correct the file or choose another --context',
      () => [...port, '--kubeconfig', kubeconfigPath, '--context', 'staging'],
      () => [...port, '--kubeconfig', kubeconfigPath, '--context', current],
    ],
    [
      '--database-url must look like postgresql://user:password@host:5432/database; correct it',
      () => [...port, '--database-url', postgresUrl.replace(/^postgres(ql)?:/, 'mysql:')],
      () => [...port, '--database-url', postgresUrl],
    ],
  ];
  followEach(
    (flags: Flags) =>
      problemsOf(async () =>
        checkOptions(parseUpOptions([...(await flags()), '--state-dir', join(folder, 'state')])),
      ),
    rows,
  );
});

describe('a server that is given to npm start', () => {
  const refusalOf = async (...flags: string[]): Promise<string> => {
    const options = parseUpOptions(['--port', '0', '--state-dir', join(folder, 'state'), ...flags]);
    return (await problemsOf(() => checkOptions(options))).join('\n');
  };
  /** What the library of a connection says; its words change. */
  const reasonIn = (refusal: string): string =>
    /: (?:PostgreSQL at \S+ can't be used|no Temporal server answers): (.*);/.exec(refusal)?.[1] ?? '';

  it('is looked for where it is not, and found at the right address as the right user', async () => {
    const { host, pathname } = new URL(postgresUrl);
    const elsewhere = new URL(postgresUrl);
    elsewhere.port = String(await freePort());
    const unreached = await refusalOf('--database-url', elsewhere.href);
    expect(unreached).toBe(
      `--database-url: PostgreSQL at ${elsewhere.host}${elsewhere.pathname} can't be used: ${reasonIn(unreached)}; check address and user`,
    );
    const stranger = new URL(postgresUrl);
    stranger.username = 'stranger';
    const refused = await refusalOf('--database-url', stranger.href);
    expect(refused).toBe(
      `--database-url: PostgreSQL at ${host}${pathname} can't be used: ${reasonIn(refused)}; check address and user`,
    );
    expect(await refusalOf('--database-url', postgresUrl)).toBe('');
  });

  it('is no Temporal server at another address', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const refused = await refusalOf('--temporal-address', address);
    expect(refused).toBe(
      `--temporal-address ${address}: no Temporal server answers: ${reasonIn(refused)}; check the address`,
    );
    expect(await refusalOf('--temporal-address', temporalAddress)).toBe('');
  });
});

describe('a cluster that is given to npm start', () => {
  const credentials = credentialsFromKubeconfig(readFileSync(kubeconfigPath, 'utf8'));
  followEach(
    async (server: () => string) => {
      return [(await clusterTrouble({ ...credentials, server: server() })) ?? []].flat();
    },
    [
      [
        'no answer within 5 s; check that the address is right and can be reached',
        () => `https://127.0.0.1:${portOf(silent)}`,
        () => credentials.server,
      ],
    ],
  );
});

describe('npm run tools', () => {
  it('names the purposes that there are, and obtains what each needs', () => {
    const run = (purpose: string) => {
      const { status, stderr } = spawnSync(process.execPath, ['bin/tools.ts', purpose], { encoding: 'utf8' });
      return `${status} ${stderr}`;
    };
    const refusal = run('everything');
    expect(refusal).toContain('1 purpose everything is unknown; name some of: start, test, bench, render');
    for (const purpose of ['start', 'test', 'render']) expect(run(purpose)).toBe('0 ');
  });
});

const withTracking = (method: string): SettingsWords => ({
  'argocd-cm': { 'application.resourceTrackingMethod': method },
});

describe('the settings of a start', () => {
  const file = join(folder, 'settings.yaml');
  writeFileSync(
    file,
    stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm' }, data: {} }),
  );
  followEach(
    (path) => problemsOf(() => applySettingsFile(foundation, path)),
    [[`settings file ${file}.gone can't be read; check KEELSON_SETTINGS_FILE`, `${file}.gone`, file]],
  );
  followEach(
    (method) =>
      problemsOf(async () => {
        const { database, keyring, log } = foundation;
        await database.db.transaction((tx) => changeSettingsWords(tx, keyring, () => withTracking(method)));
        const source = await openSettingsSource({ db: database.db, changes: database.changes, keyring, log });
        await source.close();
      }),
    [['; put correct ones with the release that wrote them', 'labels', 'annotation']],
  );
});

describe('a Go template', () => {
  const limits = { ...defaultTemplateLimits, milliseconds: 3000 };
  const templates = toolPath('gotemplate').then((path) => createGoTemplates(path, limits));
  afterAll(async () => (await templates).close());
  const options = { seed: 'seed', time: new Date('2026-03-04T05:06:07Z') };
  type Run = readonly [text: string, data: unknown];
  const loop = (times: number): string =>
    `{{ range until ${times} }}{{ range until ${times} }}{{ end }}{{ end }}`;
  followEach(
    async ([text, data]: Run) => {
      const template = { use: 'notification', name: 'notice', text } as const;
      const rendered = await (await templates).renderTemplate(template, data, options);
      return 'error' in rendered && rendered.error !== undefined ? [rendered.error.message] : [];
    },
    [
      [
        'notice: data are larger than 50331648 bytes; pass fewer',
        ['{{ .a }}', { a: 'x'.repeat(50_331_649) }],
        ['{{ .a }}', { a: 'x' }],
      ],
      [
        'notice: the template did not finish within 3005 ms; make it do less',
        [loop(1_000_000), {}],
        [loop(10), {}],
      ],
      [
        'repo.GetAppDetails is not available here; remove the call',
        ['{{ (call .repo.GetAppDetails).Type }}', {}],
        ['{{ .a }}', {}],
      ],
    ],
  );
});
