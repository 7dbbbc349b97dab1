import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packFolder } from '../../../../cli/files/pack-folder.ts';
import { revisionChoice } from '../../../../cli/flags/revision-flags.ts';
import { diffObjects } from '../../../../cli/render/object-diff.ts';
import { runDiff } from '../../../../cli/render/run-diff.ts';
import { readConfig, writeConfig } from '../../../../cli/server/config-file.ts';
import { transportOptions } from '../../../../cli/server/connection.ts';
import { type Followed, followEach, problemsOf } from '../../../support/hostile/remedies.ts';
import { keelson } from '../../../support/keelson/run-cli.ts';

let folder = '';
const inFolder = (path: string): string => join(folder, path);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-files-'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(inFolder(path)), { recursive: true });
    await writeFile(inFolder(path), content);
  }
  // A size without content.
  await writeFile(inFolder('large/big.bin'), '');
  await truncate(inFolder('large/big.bin'), 201 * 1024 * 1024);
  await chmod(inFolder('secret.yaml'), 0o600);
});
afterAll(() => rm(folder, { recursive: true }));

const object = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';
const owned = `${object}data: {a: b}\n`;
const deployment = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {paused: false}\n';
const settings = `apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm}
data:
  resource.customizations: |
    ConfigMap:
      ignoreDifferences: |
        managedFieldsManagers: [kubectl]
`;
const files: Readonly<Record<string, string>> = {
  'object.yaml': object,
  'two.yaml': `${object}---\n${object.replace('a}', 'b}')}`,
  'secret.yaml': object,
  'settings.yaml': settings,
  'bare.yaml': owned,
  'managed.yaml': `${owned.replace('{name: a}', '{name: a, managedFields: [{manager: kubectl, operation: Update, apiVersion: v1, fieldsType: FieldsV1, fieldsV1: {"f:data": {"f:a": {}}}}]}')}`,
  'deployment.yaml': deployment,
  'acts/one/object.yaml': deployment,
  'acts/one/expected.yaml': 'action: pause\npatch: {spec: {paused: true}}\n',
  'cases/one/object.yaml': object,
  'cases/one/expected.yaml': 'status: none\n',
  'empty/readme.md': '',
  'plain/a.yaml': object,
  'large/a/object.yaml': object,
  'config/mine': 'contexts: []\n',
};

/** Root may read everything, so what is forbidden is tried as somebody else. */
async function asSomebodyElse<Result>(work: () => Promise<Result>): Promise<Result> {
  if (process.geteuid?.() !== 0) return work();
  await chmod(folder, 0o711);
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

describe('a file or folder that is named', () => {
  // One reader serves all flags that name files: this one of certificates stands for them.
  followEach(
    async ({ path, mode = 0o644 }: { path: string; mode?: number }) => {
      const serverCrt = inFolder(path);
      if (path === 'secret.yaml') await chmod(serverCrt, mode);
      return asSomebodyElse(() => problemsOf(() => transportOptions({ serverCrt })));
    },
    [
      ['nowhere.yaml does not exist; check the path', { path: 'nowhere.yaml' }, { path: 'object.yaml' }],
      ['cases is a folder; give a file', { path: 'cases' }, { path: 'cases/one/object.yaml' }],
      [
        'secret.yaml may not be read by this user; give this user the right to read it',
        { path: 'secret.yaml', mode: 0o600 },
        { path: 'secret.yaml', mode: 0o644 },
      ],
      ['cannot be read (ENAMETOOLONG); check the path', { path: 'a'.repeat(300) }, { path: 'object.yaml' }],
    ],
  );
  followEach(
    async ({ path, include = [] }: { path: string; include?: string[] }) =>
      problemsOf(() => packFolder(inFolder(path), { below: '', include })),
    [
      ['object.yaml is not a folder; give a folder', { path: 'object.yaml' }, { path: 'plain' }],
      ...[{ path: 'large/a' }, { path: 'large', include: ['*.yaml'] }].map(
        (helped): Followed<{ path: string; include?: string[] }> => [
          'holds more than 209715200 bytes; give the folder of the application, or choose files with --local-include',
          { path: 'large' },
          helped,
        ],
      ),
    ],
  );
});

describe('the config file of the command', () => {
  followEach(
    (path: string) => problemsOf(() => writeConfig(inFolder(path), config)),
    [
      [
        'cannot be written (EEXIST); see that its folder is one that this user may write to',
        'object.yaml/config',
        'config/mine',
      ],
    ],
  );
  followEach(
    (path: string) =>
      problemsOf(async () => {
        await chmod(inFolder('config/mine'), 0o600);
        await readConfig(inFolder(path));
      }),
    [['config is a folder; give a file', 'config', 'config/mine']],
  );

  it('is closed to others by the command that its message names', async () => {
    const path = inFolder('config/open');
    await writeFile(path, 'contexts: []\n', { mode: 0o644 });
    const [said = ''] = await problemsOf(() => readConfig(path));
    expect(said).toBe(
      `config file ${path} holds session tokens and others can read it; run chmod 600 ${path}`,
    );
    const [program = '', ...words] = said.split('; run ')[1]?.split(' ') ?? [];
    execFileSync(program, words);
    expect(await problemsOf(() => readConfig(path))).toEqual([]);
  });
});

const config = { 'current-context': '', contexts: [], servers: [], users: [] };

/** What the command line says; its exit status tells whether it says it of a failure. */
async function problemsOfCommand(words: readonly string[]): Promise<string[]> {
  const { status, stdout, stderr } = await keelson(words, { env: { PATH: process.env['PATH'] ?? '' } });
  if (status !== 0) return [stderr];
  return stdout.includes('; write it by') ? [stdout] : [];
}
const overrides = (command: string, ...words: string[]): string[] => [
  'admin',
  'settings',
  'resource-overrides',
  command,
  ...words.map((word) => (/\.yaml$|^(acts|cases|empty)$/.test(word) ? inFolder(word) : word)),
];

describe('overrides that are tried out', () => {
  type Words = readonly [command: string, ...words: string[]];
  followEach((words: Words) => problemsOfCommand(overrides(...words)), [
    ['object is not given; write FILE, or --dir DIR', ['health'], ['health', 'bare.yaml']],
    ['object is not given; write FILE, or --dir DIR', ['health'], ['health', '--dir', 'cases']],
    [
      'action is not named; write FILE ACTION, or --dir DIR',
      ['run-action', 'deployment.yaml'],
      ['run-action', 'deployment.yaml', 'pause'],
    ],
    [
      'action is not named; write FILE ACTION, or --dir DIR',
      ['run-action', 'deployment.yaml'],
      ['run-action', '--dir', 'acts'],
    ],
    [
      'holds no cases; make a folder with object.yaml and expected.yaml for each',
      ['health', '--dir', 'empty'],
      ['health', '--dir', 'cases'],
    ],
    [': holds 2 objects; give a file with one', ['health', 'two.yaml'], ['health', 'bare.yaml']],
    [
      'managedFieldsManagers has an effect only on a file with metadata.managedFields; write it by kubectl get -o yaml --show-managed-fields',
      ['ignore-differences', 'bare.yaml', '--argocd-cm-path', 'settings.yaml'],
      ['ignore-differences', 'managed.yaml', '--argocd-cm-path', 'settings.yaml'],
    ],
  ] as Followed<Words>[]);
});

describe('differences', () => {
  const states = { heading: 'a', name: 'a', live: 'a: 1\n', target: 'a: 2\n' };
  const path = process.env['PATH'] ?? '';
  followEach(
    (env: Record<string, string>) => problemsOf(() => runDiff({ env }, states)),
    [{ PATH: path }, { PATH: path, KUBECTL_EXTERNAL_DIFF: 'cat' }].map(
      (helped): Followed<Record<string, string>> => [
        'cannot be started; install it (package diffutils), or name another program in KUBECTL_EXTERNAL_DIFF',
        { PATH: path, KUBECTL_EXTERNAL_DIFF: 'no-such-diff' },
        helped,
      ],
    ),
  );
  followEach(
    (liveState: string) =>
      problemsOf(() => diffObjects([{ kind: 'ConfigMap', name: 'a', liveState, targetState: '{}' }])),
    [
      [
        "its state as the server sent it is not JSON; use a keelson command of the server's version",
        'kind: ConfigMap',
        '{"kind": "ConfigMap"}',
      ],
    ],
  );
  followEach(
    (sourcePositions: string[]) =>
      problemsOf(() => revisionChoice({ revisions: ['a', 'b'], sourcePositions })),
    [
      [
        '--revisions and --source-positions differ in length; give one position for each revision',
        ['1'],
        ['1', '2'],
      ],
    ],
  );
});
