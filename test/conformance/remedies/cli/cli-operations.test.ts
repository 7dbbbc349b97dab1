import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followEach } from '../../../support/hostile/remedies.ts';
import { application, ended, operationId, running, step } from '../../../support/keelson/operation-view.ts';
import { type CliRun, keelson } from '../../../support/keelson/run-cli.ts';
import { type ScriptedApi, startScriptedApi } from '../../../support/scripted/scripted-api.ts';

let api: ScriptedApi;
/** Ends the command while it follows an operation, as Ctrl-C does. */
let interruption: AbortController | undefined;
let isNamed = true;
let isAlone = true;

const path = '/api/v1/applications/guestbook';
const other = { ...ended, id: operationId.replace('3f2a', '0000') };
const similar = { ...ended, id: operationId.replace(/0$/, '1') };

beforeAll(async () => {
  api = await startScriptedApi(({ method, url, body }) => {
    const { pathname } = url;
    const headers = isNamed ? { 'keelson-operation-id': operationId } : {};
    if (method === 'POST' && pathname === `${path}/sync`) {
      const prunes = typeof body === 'object' && body !== null && 'prune' in body;
      left = prunes ? 'Pruned' : 'PruneSkipped';
      return { body: application, headers };
    }
    if (method === 'DELETE') return { body: {}, headers };
    if (pathname === path) return { body: outOfSync };
    if (pathname === `${path}/operations`)
      return { body: { items: isAlone ? [ended, other] : [ended, similar] } };
    if (!pathname.startsWith(`${path}/operations/`)) return undefined;
    const { aborted } = interruption?.signal ?? { aborted: true };
    interruption?.abort();
    return { body: aborted ? { ...ended, steps: [{ ...step, status: left }] } : running };
  });
});
afterAll(() => api.close());

const outOfSync = { ...application, status: { ...application.status, sync: { status: 'OutOfSync' } } };
let left: 'PruneSkipped' | 'Pruned' = 'Pruned';

function run(line: string): Promise<CliRun> {
  const env = { KEELSON_SERVER: api.url, KEELSON_AUTH_TOKEN: 't', KEELSON_CONFIG: '/nowhere/config' };
  const { signal } = interruption ?? {};
  return keelson(line.split(' '), { env, ...(signal === undefined ? {} : { signal }) });
}

/** Runs what a message says to see. */
async function look(said: string): Promise<CliRun> {
  const [, advised = ''] = /; see keelson (.+)/.exec(said) ?? [];
  return run(advised);
}

describe('a command that is interrupted', () => {
  it.each([
    ['app sync guestbook', 'sync of guestbook goes on; see keelson app operations guestbook 3f2a91c4'],
    [
      'app delete guestbook --yes --wait',
      'deletion of guestbook goes on; see keelson app operations guestbook 3f2a91c4',
    ],
  ])('%s says where what it began is seen', async (line, says) => {
    interruption = new AbortController();
    const { status, stderr } = await run(line);
    interruption = undefined;
    expect([status, stderr]).toEqual([130, `${says}\n`]);
    expect((await look(stderr)).stdout).toContain(operationId);
  });
});

describe('operations', () => {
  it('are listed where a server does not name the one that it began', async () => {
    isNamed = false;
    const { stderr } = await run('app sync guestbook');
    isNamed = true;
    expect(stderr).toContain(
      'accepted the sync of guestbook without naming its operation; see keelson app operations guestbook',
    );
    expect((await look(stderr)).stdout).toContain(operationId.slice(0, 8));
  });

  it('with the same beginning are listed', async () => {
    isAlone = false;
    const { stderr } = await run('app operations guestbook 3f2a91c4');
    expect(stderr).toContain(
      'operation 3f2a91c4 of application guestbook is not the only one with that beginning; see keelson app operations guestbook',
    );
    expect((await look(stderr)).stdout.match(/3f2a91c4/g)).toHaveLength(2);
    isAlone = true;
    expect((await run(`app operations guestbook ${operationId}`)).status).toBe(0);
  });

  followEach(
    async (line: string) => {
      const { status, stderr } = await run(line);
      return status === 0 ? [] : [stderr];
    },
    [
      [
        '1 resource requires pruning; sync with --prune to delete what is no longer in the source',
        'app sync guestbook',
        'app sync guestbook --prune',
      ],
    ],
  );
});
