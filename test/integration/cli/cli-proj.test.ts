import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { at, guestbook, login } from '../../support/keelson/api/api.ts';
import { type ServedApi, serveApi } from '../../support/keelson/api/serve-api.ts';
import { type CliRun, keelson } from '../../support/keelson/run-cli.ts';
import { before, edits } from '../../support/scripted/project-edits.ts';

let api: ServedApi;
let folder: string;
let token: string;
let next = 0;
/** The project of a test, which the lines call P. */
let project: string;

beforeAll(async () => {
  api = await serveApi();
  folder = await mkdtemp(join(tmpdir(), 'keelson-cli-proj-'));
  token = (await login(api.api, api.adminPassword)).token;
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  project = `team-${next++}`;
  const { status } = await api.call('POST', '/api/v1/projects', {
    project: { metadata: { name: project }, spec: before },
  });
  expect(status).toBe(200);
});

/** Runs a line, in which P is the project; words in quotes are one. */
function run(line: string, env: Record<string, string> = {}, input = ''): Promise<CliRun> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  return keelson(
    words.map((word) => word.replace(/^P$/, project).replaceAll('FOLDER', folder)),
    {
      env: {
        HOME: folder,
        PATH: process.env['PATH'] ?? '',
        KEELSON_SERVER: api.url,
        KEELSON_AUTH_TOKEN: token,
        ...env,
      },
      input,
    },
  );
}

async function done(line: string, env?: Record<string, string>, input?: string): Promise<string> {
  const { status, stdout, stderr } = await run(line, env, input);
  expect([line, status, stderr]).toEqual([line, 0, '']);
  return stdout;
}

const specOf = async (name = project): Promise<Record<string, unknown>> =>
  at((await api.call('GET', `/api/v1/projects/${name}`)).body, 'spec') as Record<string, unknown>;

/** The same with the name of the project in it. */
const withName = <Value>(value: Value): Value =>
  JSON.parse(
    JSON.stringify(value).replaceAll('proj:P:', `proj:${project}:`).replaceAll(' P/', ` ${project}/`),
  ) as Value;

describe('keelson proj', () => {
  it.each(edits.map((edit) => [edit[0], edit] as const))('%s', async (_, [line, changes, prints = '']) => {
    // A dry run comes first, and changes nothing.
    if (Object.keys(changes).length > 0) {
      expect(await done(`${line} --dry-run`)).toContain(`project '${project}' is not written (dry run)`);
      expect(await specOf()).toEqual(before);
    }
    expect(await done(line)).toBe(withName({ prints }).prints);
    expect(await specOf()).toEqual(withName({ ...before, ...changes }));
  });

  it.each<readonly [line: string, status: number, words: string]>([
    ['proj create', 1, 'project has no name; write keelson proj create PROJECT, or -f FILE'],
    ['proj create other -f FOLDER/none.yaml', 1, 'does not exist; check the path'],
    ['proj create P', 20, 'existing project spec is different; use upsert flag to force update'],
    ['proj create Bad_Name', 20, 'metadata.name'],
    ['proj create x --dest https://a', 1, '--dest "https://a" cannot be read; write it as SERVER,NAMESPACE'],
    ['proj create x --dest-service-accounts a,b', 1, 'cannot be read; write it as SERVER,NAMESPACE,ACCOUNT'],
    [
      'proj create x --deny-namespaced-resource a/b/c',
      1,
      '--deny-namespaced-resource "a/b/c" cannot be read; write it as GROUP/KIND',
    ],
    [
      'proj create x --signature-keys zz',
      1,
      'zz is not a valid GnuPG key ID; write its 16 hexadecimal digits',
    ],
    ['proj set P', 1, 'there is nothing to set; give at least one flag, see keelson proj set --help'],
    ['proj set ghost --description x', 20, 'project "ghost" was not found'],
    ['proj delete default', 20, "name 'default' is reserved and cannot be deleted"],
    ['proj delete', 1, 'missing required argument'],
    ['proj get ghost', 20, 'project "ghost" was not found'],
    ['proj get P -o name', 1, '--output "name" is unknown; use wide, json, yaml'],
    ['proj list -o xml', 1, '--output "xml" is unknown'],
    ['proj edit ghost', 20, 'project "ghost" was not found'],
    ["proj add-source P ' '", 20, 'spec.sourceRepos[1]'],
    ['proj add-source P', 1, 'missing required argument'],
    ['proj remove-source ghost https://a', 20, 'project "ghost" was not found'],
    ['proj add-source-namespace P /(/', 20, 'spec.sourceNamespaces[1]'],
    ['proj remove-source-namespace P', 1, 'missing required argument'],
    ['proj add-destination P https://one a', 1, 'destination https://one,a is already defined in project'],
    ['proj add-destination P !* a', 20, 'spec.destinations[2]'],
    [
      'proj remove-destination P https://one b',
      1,
      'destination https://one,b does not exist in project P; see keelson proj get P',
    ],
    ['proj add-destination-service-account P https://one a sa', 1, 'is already defined in project'],
    ['proj add-destination-service-account P https://x a b* ', 20, 'names no account'],
    ['proj remove-destination-service-account P https://one a other', 1, 'does not exist in project'],
    ['proj add-orphaned-ignore P apps Deployment --name x-*', 1, 'is already defined in project'],
    ['proj remove-orphaned-ignore P apps Deployment', 1, 'does not exist in project'],
    ['proj add-signature-key P 0123456789abcdef', 1, 'is already defined in project'],
    ['proj add-signature-key P nonsense', 1, 'is not a valid GnuPG key ID'],
    ['proj remove-signature-key P FEDCBA9876543210', 1, 'does not exist in project'],
    ['proj allow-cluster-resource P apps', 1, 'missing required argument'],
    [
      'proj deny-cluster-resource P a b -l some',
      1,
      '--list "some" is unknown; use allow, deny, white, black',
    ],
    ['proj allow-namespace-resource ghost a b', 20, 'project "ghost" was not found'],
    ['proj deny-namespace-resource P [ b', 20, 'spec.namespaceResourceBlacklist[1]'],
    ['proj role create P bad/name', 20, 'spec.roles[1].name'],
    ['proj role delete ghost ci', 20, 'project "ghost" was not found'],
    ['proj role list ghost', 20, 'project "ghost" was not found'],
    ['proj role get P ops', 20, "role 'ops' does not exist in project 'P'; see keelson proj role list P"],
    ['proj role add-policy P ci -a fly -o *', 20, 'has the action "fly"'],
    [
      'proj role add-policy P ops -a get -o *',
      20,
      "role 'ops' does not exist in project 'P'; see keelson proj role list P",
    ],
    [
      'proj role remove-policy P ops -a get -o *',
      20,
      "role 'ops' does not exist in project 'P'; see keelson proj role list P",
    ],
    [
      'proj role add-group P ops people',
      20,
      "role 'ops' does not exist in project 'P'; see keelson proj role list P",
    ],
    [
      'proj role remove-group P ops people',
      20,
      "role 'ops' does not exist in project 'P'; see keelson proj role list P",
    ],
    ['proj role create-token P ops', 20, 'does not have role'],
    ['proj role create-token P ci -e soon', 1, '--expires-in "soon" is not a duration; write 12h or 7d'],
    [
      'proj role list-tokens P ops',
      20,
      "role 'ops' does not exist in project 'P'; see keelson proj role list P",
    ],
    [
      'proj role delete-token P ci soon',
      1,
      'ISSUED-AT "soon" is not a time in seconds; see keelson proj role list-tokens P ci -u',
    ],
    ["proj windows add P -k allow --schedule '0 22 * * *' --duration 1h", 20, 'spec.syncWindows[2]'],
    [
      'proj windows update P 0',
      20,
      'cannot update: require one or more of schedule, duration, application, namespace, or cluster; give --schedule, --duration, --applications, --namespaces, --clusters, --time-zone or --description',
    ],
    [
      'proj windows update P 7 --duration 2h',
      20,
      "window with id '7' not found in project P; see keelson proj windows list P",
    ],
    ['proj windows delete P x', 20, "window with id 'x' not found"],
    ['proj windows list ghost', 20, 'project "ghost" was not found'],
    ['proj windows enable-manual-sync P 2', 20, "window with id '2' not found"],
    ['proj windows disable-manual-sync P', 1, 'missing required argument'],
  ])('%s exits with %i', async (line, status, words) => {
    const result = await run(line);
    expect([result.status, result.stderr]).toEqual([
      status,
      expect.stringContaining(words.replaceAll(/\bP\b/g, project)),
    ]);
    expect(await specOf()).toEqual(before);
  });

  it('creates a project from flags, from a file and from standard input, and another spec with --upsert only', async () => {
    expect(await done('proj create flags -d https://a,* -s https://b --description x')).toBe('');
    expect(await specOf('flags')).toEqual({
      description: 'x',
      destinations: [{ server: 'https://a', namespace: '*' }],
      sourceRepos: ['https://b'],
    });
    const manifest =
      'apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: file}\nspec: {sourceRepos: [https://a]}\n';
    await writeFile(join(folder, 'file.yaml'), manifest);
    await done('proj create -f FOLDER/file.yaml');
    await done('proj create -f -', {}, manifest);
    expect((await run('proj create other -f FOLDER/file.yaml')).stderr).toContain(
      "project name 'other' does not match project spec metadata.name 'file'; leave one of them out",
    );
    expect((await run('proj create -f -', {}, `${manifest}---\n${manifest}`)).stderr).toContain(
      'holds 2 objects; write one AppProject into it',
    );
    expect(await done('proj create -f FOLDER/file.yaml --src https://c --upsert --dry-run')).toContain(
      '(dry run)',
    );
    await done('proj create -f FOLDER/file.yaml --src https://c --upsert');
    expect(await specOf('file')).toEqual({ sourceRepos: ['https://c'] });
    expect(await done('proj create new --dry-run')).toContain("project 'new' is not written (dry run)");
    expect((await run('proj get new')).status).toBe(20);
    await done('proj delete flags file');
    expect((await run('proj delete flags')).status).toBe(20);
  });

  it('lists and shows projects in tables, names, JSON and YAML', async () => {
    const line = (await done('proj list')).split('\n').find((one) => one.startsWith(`${project} `));
    expect(line?.split(/ {2,}/)).toEqual([
      project,
      'old',
      '2 destinations',
      'https://git.example.com/a.git',
      '/Namespace',
      '1 resources',
      '1 key(s)',
      'enabled (warn=false, ignored 1)',
    ]);
    expect((await done('proj list -o name')).split('\n')).toContain(project);
    expect(parse(await done('proj list -o yaml'))).toContainEqual(
      expect.objectContaining({ kind: 'AppProject' }),
    );
    expect(JSON.parse(await done('proj get P -o json'))).toMatchObject({
      metadata: { name: project },
      spec: before,
    });
    const shown = await done('proj get P');
    expect(shown).toMatch(/^Name: +team-\d+\nDescription: +old\nDestinations: +https:\/\/one,a\n +two,b\n/);
    for (const row of [
      'Repositories: +https://git.example.com/a.git',
      'Scoped Repositories: +<none>',
      'Allowed Cluster Resources: +/Namespace',
      'Denied Namespaced Resources: +/Secret',
      'Signature keys: +0123456789ABCDEF',
      'Orphaned Resources: +enabled \\(warn=false, ignored 1\\)',
    ])
      expect(shown).toMatch(new RegExp(row));
  });

  it('shows roles, and issues, lists and revokes their tokens', async () => {
    expect(await done('proj role list P')).toMatch(/^ROLE-NAME +DESCRIPTION\nci\n$/);
    expect(await done('proj role list P -o name')).toBe('ci\n');
    expect(parse(await done('proj role list P -o yaml'))).toEqual(before.roles);
    expect(await done('proj role list-tokens P ci')).toBe(`No tokens for ${project}.ci\n`);
    const words = await done('proj role create-token P ci -e 1d2h -i deploy');
    expect(words).toMatch(
      /^Create token succeeded for proj:team-\d+:ci\.\n {2}ID: deploy\n {2}Issued At: .+Z\n {2}Expires At: .+Z\n {2}Token: ey.+\n$/,
    );
    const { iat = 0, exp = 0 } = decodeJwt(/Token: (.+)/.exec(words)?.[1] ?? '');
    expect(exp - iat).toBe(26 * 3600);
    const only = await done('proj role token-create P ci --token-only');
    const second = decodeJwt(only.trim());
    expect(second.exp).toBeUndefined();
    expect(await done('proj role list-tokens P ci --unixtime')).toMatch(
      new RegExp(`deploy +${iat} +${exp}\n`),
    );
    expect(await done('proj role token-list P ci')).toMatch(new RegExp(`${second.jti} +.+Z +Never\n`));
    expect(await done('proj role get P ci')).toMatch(
      /^Role Name: {5}ci\nDescription:\nPolicies:\np, proj:.+, projects, get, .+, allow\nGroups:\n {2}- builders\nJWT Tokens:\nID +ISSUED-AT +EXPIRES-AT\n\d+ +.+Z +/,
    );
    expect(await done(`proj role delete-token P ci ${iat} --id deploy`)).toBe('');
    expect(await done(`proj role remove-token P ci ${second.iat}`)).toBe('');
    expect(await done('proj role list-tokens P ci')).toBe(`No tokens for ${project}.ci\n`);
  });

  it('lists windows with their ids and whether they are active', async () => {
    const [header, first, second] = (await done('proj windows list P'))
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(header).toEqual(
      'ID STATUS KIND SCHEDULE DURATION APPLICATIONS NAMESPACES CLUSTERS MANUALSYNC TIMEZONE USEANDOPERATOR'.split(
        ' ',
      ),
    );
    expect(first?.slice(2)).toEqual([
      'allow',
      '0 22 * * *',
      '1h',
      '*',
      '-',
      '-',
      'Disabled',
      'UTC',
      'Disabled',
    ]);
    expect(second?.slice(0, 9)).toEqual(['1', 'Active', 'deny', '* * * * *', '1h', '-', '-', 'c', 'Enabled']);
    expect(parse(await done('proj windows list P -o yaml'))).toEqual(before.syncWindows);
  });

  it('edits the spec in an editor, again with the reason where it is refused', async () => {
    const editor = join(folder, 'editor.sh');
    const script = (text: string) => writeFile(editor, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    await script(`sed -i 's/^description: .*/description: edited/' "$1"`);
    expect(await done('proj edit P', { EDITOR: editor })).toBe('');
    expect(await specOf()).toEqual({ ...before, description: 'edited' });
    // What is refused comes back below its reason, and is mended there.
    const seen = join(folder, 'seen.yaml');
    await script(
      `if grep -q '^# ' "$1"; then cp "$1" ${seen}; sed -i "s/'\\['/Pod/" "$1"; else sed -i "s/kind: Secret/kind: '['/" "$1"; fi`,
    );
    const mended = await run('proj edit P', { KUBE_EDITOR: editor, EDITOR: 'false' });
    expect([mended.status, mended.stderr]).toEqual([
      0,
      expect.stringContaining('spec.namespaceResourceBlacklist[0].kind: "[" is not a pattern'),
    ]);
    expect(await readFile(seen, 'utf8')).toMatch(/^# .*namespaceResourceBlacklist\[0\]/);
    expect(at(await specOf(), 'namespaceResourceBlacklist.0.kind')).toBe('Pod');
    await script(`if grep -q '^# ' "$1"; then exit 1; else echo text > "$1"; fi`);
    expect((await run('proj edit P', { EDITOR: editor })).stderr).toContain(
      'spec is no object; write its fields',
    );
    await script('true');
    expect(await run('proj edit P', { EDITOR: editor })).toMatchObject({
      status: 20,
      stderr: 'keelson: edit cancelled, no valid changes were saved\n',
    });
    await script('exit 3');
    expect((await run('proj edit P', { EDITOR: editor })).stderr).toContain(
      'ended with status 3; set EDITOR to one that works here',
    );
  });

  it('says in the editor that somebody else has changed the project meanwhile', async () => {
    // The editor is where the other one writes.
    const editor = join(folder, 'race.sh');
    const body = JSON.stringify({
      project: { metadata: { name: project }, spec: { description: 'theirs' } },
    });
    const other = `curl -sf -X PUT -H 'content-type: application/json' -H 'authorization: Bearer ${token}' -d '${body}' ${api.url}/api/v1/projects/${project} >/dev/null`;
    const mine = `sed -i 's/^description: .*/description: mine/' "$1"`;
    const again = `grep -q 'has been modified' "$1" && sed -i '/^#/d' "$1"`;
    const script = `#!/bin/sh\nif grep -q '^# ' "$1"; then ${again}; else ${other}; ${mine}; fi\n`;
    await writeFile(editor, script, { mode: 0o755 });
    const { status, stderr } = await run('proj edit P', { EDITOR: editor });
    expect([status, stderr]).toEqual([0, expect.stringContaining('the object has been modified')]);
    expect(await specOf()).toEqual({ ...before, description: 'mine' });
  });

  it('shows with --dry-run what would fall out, and that it would be refused', async () => {
    await done('proj set P -s https://git.example.com/** -d https://kubernetes.default.svc,*');
    const made = guestbook(`web-${project}`, { project });
    expect((await api.call('POST', '/api/v1/applications?validate=false', made)).status).toBe(200);
    const { status, stdout, stderr } = await run('proj remove-source P https://git.example.com/** --dry-run');
    expect(status).toBe(20);
    expect(stdout).toMatch(
      /^PROJECT +APPLICATION +LOSES +RULE +MESSAGE\nteam-\d+ +argocd\/web-team-\d+ +source +spec.sourceRepos +application repo/,
    );
    expect(stdout).toContain('1 application(s) and 0 live object(s) fall out of it');
    expect(stderr).toBe(
      'keelson: it would be refused: as a result of project update 1 applications source became invalid\n',
    );
    expect((await run('proj remove-source P https://git.example.com/**')).status).toBe(20);
    expect((await run('proj delete P')).stderr).toContain('project is referenced by 1 applications');
  });
});
