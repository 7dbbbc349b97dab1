import { eq, or } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { userInitiator } from '../../../core/sync/operation/initiator.ts';
import { parseRetry } from '../../../core/sync/operation/retry.ts';
import { findApplication } from '../../../db/queries/application/application.ts';
import { recordModified } from '../../../db/queries/application/change.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { requestOperation } from '../../../db/queries/operation/operation-request.ts';
import { applicationStatus, applications, dirty } from '../../../db/schema/application.ts';
import { clusters } from '../../../db/schema/cluster.ts';
import { operations } from '../../../db/schema/operation.ts';
import { projects } from '../../../db/schema/project.ts';
import { repositories, repositoryTemplates } from '../../../db/schema/repository.ts';
import { at, guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { signRoleToken } from '../../support/keelson/api/rights.ts';
import { answeredWays, refusedWays, type Target, type Way } from '../../support/keelson/api/tenant-ways.ts';
import { belongingsOf, layProjects, other, team } from '../../support/keelson/api/two-projects.ts';
import { openStream } from '../../support/keelson/open-stream.ts';

let server: TestApi;
let token: string;
let rival: Target;
let before: unknown;
/** What isn't there: whoever gets other answers about it can tell what is. */
const ghost: Target = { ...belongingsOf('ghost'), operation: '00000000-0000-4000-8000-000000000000' };

beforeAll(async () => {
  server = await startApi();
  token = await layProjects(server);
  const row = await findApplication(server.db, { namespace: 'argocd', name: other.application });
  if (row === undefined) throw new Error('application is not there');
  const request = {
    prune: false,
    dryRun: false,
    strategy: 'hook',
    force: false,
    resources: [],
    info: [],
  } as const;
  const operation = await requestOperation(server.db, {
    application: row,
    kind: 'sync',
    initiatedBy: userInitiator('somebody'),
    request: { ...request, syncOptions: [], retry: parseRetry(undefined), selfHealAttempts: 0 },
  });
  rival = { ...other, operation: operation.id };
  before = await belongings();
});
afterAll(() => server.close());

/** Everything that the other project has, as it is stored. */
async function belongings(): Promise<unknown> {
  const { db } = server;
  const { project } = other;
  return Promise.all([
    db
      .select()
      .from(applications)
      .innerJoin(applicationStatus, eq(applicationStatus.applicationId, applications.id))
      .where(eq(applications.project, project)),
    db.select().from(operations).where(eq(operations.project, project)),
    db
      .select({ dirty })
      .from(dirty)
      .innerJoin(applications, eq(dirty.applicationId, applications.id))
      .where(eq(applications.project, project)),
    db.select().from(projects).where(eq(projects.name, project)),
    db.select().from(clusters).where(eq(clusters.project, project)),
    db
      .select()
      .from(repositories)
      .where(or(eq(repositories.project, project), eq(repositories.url, other.repository))),
    db.select().from(repositoryTemplates).where(eq(repositoryTemplates.url, other.template)),
  ]);
}

/** Words that stand in what the other project has, and in no request. */
const secrets = /rival-(folder|space|robot|group)|canary|somebody/;

type Answer = { readonly status: number; readonly text: string };

async function ask({ request }: Way, of: Target, by = token): Promise<Answer> {
  const { method, path, body } = request(of, team);
  const reply = await server.api.request(path, {
    method,
    headers: { token: by, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  });
  return { status: reply.status, text: await reply.text() };
}

/** An answer about what isn't there, as it would be about the other project. */
const renamed = ({ status, text }: Answer): Answer => ({
  status,
  text: text.replaceAll('ghost', 'rival').replaceAll(ghost.operation, rival.operation),
});

describe('whoever has a project of their own', () => {
  it('has more than sixty ways to try', () => {
    const ways = [...refusedWays, ...answeredWays].map(({ way }) => way);
    expect(new Set(ways).size).toBe(ways.length);
    expect(ways.length).toBeGreaterThanOrEqual(60);
  });

  it.each(refusedWays)('can not $way', async (way) => {
    const answer = await ask(way, rival);
    expect([403, 404, 400], answer.text).toContain(answer.status);
    expect(answer.text).not.toMatch(secrets);
    // It tells nothing that it doesn't tell of what is not there.
    expect(answer).toEqual(renamed(await ask(way, ghost)));
  });

  it.each(answeredWays)('may $way, and reads nothing of the others', async (way) => {
    const answer = await ask(way, rival);
    expect(answer.status).toBe(200);
    expect(answer.text).not.toMatch(secrets);
    expect(answer.text).not.toContain(other.project);
    expect(answer).toEqual(renamed(await ask(way, ghost)));
  });

  it('lists, pages and counts its own application, and no other', async () => {
    const read = async (query: string): Promise<unknown> => {
      const reply = await server.api.request(`/api/v1/applications?${query}`, { headers: { token } });
      return JSON.parse(await reply.text());
    };
    const own = [{ metadata: { name: team.application } }];
    for (const query of ['', 'limit=1', 'limit=500', 'selector=!nothing']) {
      expect(await read(`${query}&fields=items.metadata.name`)).toMatchObject({ items: own });
    }
    const { body: all } = await server.call('GET', '/api/v1/applications?limit=1&counts=true');
    expect(at(all, 'keelson.counts.total')).toBe(2);
    const counted = await read('limit=1&counts=true');
    expect(at(counted, 'keelson.counts')).toEqual({ total: 1, sync: { Unknown: 1 }, health: { Unknown: 1 } });
    expect(at(counted, 'metadata.continue')).toBeUndefined();
  });

  it('can not take a name that others have, and does not hear whose it is', async () => {
    const taken = guestbook(other.application, { project: team.project });
    for (const query of ['', '?upsert=true', '?upsert=true&validate=false']) {
      const body = () => JSON.stringify(taken);
      const request = () => ({ method: 'POST', path: `/api/v1/applications${query}`, body: body() });
      const answer = await ask({ way: 'take a name', request }, rival);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 7, message: 'permission denied' });
    }
  });

  it('can not deploy to the cluster of another project, whether there is one or not', async () => {
    const deploy = (destination: (of: Target) => object): Way => ({
      way: 'deploy',
      request: (of) => ({
        method: 'POST',
        path: '/api/v1/applications',
        body: JSON.stringify(
          guestbook('reaching', {
            project: team.project,
            destination: { ...destination(of), namespace: 'x' },
          }),
        ),
      }),
    });
    for (const way of [
      deploy(({ cluster }) => ({ server: cluster })),
      deploy(({ project }) => ({ name: `${project}-cluster` })),
    ]) {
      const answer = await ask(way, rival);
      expect(answer.status).toBe(400);
      expect(answer).toEqual(renamed(await ask(way, ghost)));
    }
  });

  it('changes its own where two names are given, and never the other', async () => {
    const path = `/api/v1/applications/${team.application}`;
    const label = JSON.stringify({ metadata: { labels: { by: 'tenant' } } });
    const body = { name: other.application, patchType: 'merge', patch: label };
    const request = () => ({ method: 'PATCH', path, body: JSON.stringify(body) });
    const answer = await ask({ way: 'patch by two names', request }, rival);
    expect(at(JSON.parse(answer.text), 'metadata.name')).toBe(team.application);
  });

  it('sees nothing of the others in any stream', async () => {
    const paths = ['', `?projects=${other.project}`, `?name=${other.application}`, '?resourceVersion=1'];
    const streams = await Promise.all(
      paths.map((query) => openStream(server.api, `/api/v1/stream/applications${query}`, token)),
    );
    const id = async (name: string): Promise<string> =>
      (await findApplication(server.db, { namespace: 'argocd', name }))?.id ?? '';
    await recordModified(server.db, await id(other.application));
    await recordModified(server.db, await id(team.application));
    const isModified = (message: unknown) => at(message, 'result.type') === 'MODIFIED';
    await streams[0]?.next('the change of its own', isModified);
    await streams[3]?.next('the change of its own', isModified);
    for (const { messages } of streams) expect(JSON.stringify(messages)).not.toContain(other.project);
    for (const stream of streams) await stream.cancel();
    before = await belongings();
  });

  it.each<[string, (issued: string) => Promise<string> | string]>([
    ['another role’s', () => sign('proj:rival:all', 'token')],
    ['an id of another role', () => sign('proj:team:other', 'token')],
    ['no id', () => sign('proj:team:all', '')],
    ['an account’s', () => sign('admin:login', 'token')],
    ['an unsigned one', (issued) => `${issued.split('.').slice(0, 2).join('.')}.`],
    ['another subject', (issued) => changed(issued, { sub: 'proj:rival:all' })],
    [
      'another subject without a signature',
      (issued) => {
        const [, payload = '', signature] = changed(issued, { sub: 'proj:rival:all' }).split('.');
        return [Buffer.from('{"alg":"none"}').toString('base64url'), payload, signature].join('.');
      },
    ],
  ])('is nobody with a token that has %s', async (_, make) => {
    const [way] = refusedWays;
    if (way === undefined) throw new Error('no way is there');
    expect((await ask(way, rival, await make(token))).status).toBe(401);
  });

  it('has changed nothing of the others, and nobody has noted that it did', async () => {
    expect(await belongings()).toEqual(before);
    const rows = await listAudit(server.db, 1000);
    const done = rows.filter(({ actor, decision }) => actor === 'proj:team:all' && decision === 'allowed');
    expect(JSON.stringify(done)).not.toContain(other.project);
    const refused = rows.filter(({ actor, decision }) => actor === 'proj:team:all' && decision === 'denied');
    expect(refused.length).toBeGreaterThan(60);
    expect(refused).toContainEqual(
      expect.objectContaining({ action: 'applications.create', object: 'rival/rival-web' }),
    );
  });
});

const sign = (subject: string, id: string): Promise<string> =>
  signRoleToken(server, { subject, id, iat: Math.floor(Date.now() / 1000) - 10 });

function changed(issued: string, claims: object): string {
  const [head = '', payload = '', signature = ''] = issued.split('.');
  const read = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const written = Buffer.from(JSON.stringify({ ...read, ...claims })).toString('base64url');
  return [head, written, signature].join('.');
}
