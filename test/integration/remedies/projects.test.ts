import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe } from 'vitest';
import { type Followed, followEach } from '../../support/hostile/remedies.ts';
import { at, startApi, type TestApi } from '../../support/keelson/api/api.ts';

let server: TestApi;
const path = '/api/v1/projects';
const spec = { sourceRepos: ['*'], roles: [{ name: 'ci' }] };

beforeAll(async () => {
  server = await startApi();
  for (const name of ['team', 'seen']) await server.call('POST', path, { project: named(name) });
  await server.db.execute(sql`create function race() returns trigger language plpgsql
    as $$ begin delete from projects where name = 'raced'; return null; end $$`);
});
afterAll(() => server.close());

const named = (name: string, metadata = {}, more = {}) => ({
  metadata: { name, ...metadata },
  spec: { ...spec, ...more },
});

type Call = {
  readonly method: 'DELETE' | 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
  readonly before?: () => Promise<unknown>;
};

/** What a reply that is no success says. */
async function problemsOfCall({ method, path: to, body, before }: Call): Promise<string[]> {
  await before?.();
  const reply = await server.call(method, to, body);
  return reply.status < 300 ? [] : [String(at(reply.body, 'message') ?? reply.body)];
}

const post = (body: unknown, to = path): Call => ({ method: 'POST', path: to, body });
const put = (name: string, body: unknown): Call => ({ method: 'PUT', path: `${path}/${name}`, body });
const token = `${path}/team/roles/ci/token`;

/** What is sent after somebody else has changed the project: of the version that was seen first, or is seen now. */
const seen = { metadata: { name: 'seen', resourceVersion: '' } };
const readVersion = async (): Promise<void> => {
  const { body } = await server.call('GET', `${path}/seen`);
  seen.metadata.resourceVersion = String(at(body, 'metadata.resourceVersion'));
};
const change = { project: { ...seen, spec: { ...spec, description: 'mine' } } };

describe('a request about a project', () => {
  followEach(problemsOfCall, [
    [
      "missing payload 'project' in request; send the project in its field `project`",
      post(named('new')),
      post({ project: named('new') }),
    ],
    [
      'existing project spec is different; use upsert flag to force update; difference in keys "description"',
      post({ project: named('team', {}, { description: 'x' }) }),
      post({ project: named('team', {}, { description: 'x' }), upsert: true }),
    ],
    ...['', 'argocd'].map(
      (namespace): Followed<Call> => [
        'namespace "other" is not where projects are kept; leave it out or use "argocd"',
        post({ project: named('new', { namespace: 'other' }) }),
        post({ project: named('new', { namespace }) }),
      ],
    ),
    [
      'the object has been modified; please apply your changes to the latest version and try again',
      {
        ...put('seen', change),
        before: async () => {
          await readVersion();
          await server.call('PUT', `${path}/seen`, { project: named('seen', {}, { description: 'theirs' }) });
        },
      },
      { ...put('seen', change), before: readVersion },
    ],
    [
      'metadata.name is "other" but the path names "team"; make them the same',
      put('team', { project: named('other') }),
      put('team', { project: named('team') }),
    ],
    [
      'project "tem" was not found; list the projects to see their names',
      { method: 'GET', path: `${path}/tem` },
      { method: 'GET', path },
    ],
    [
      'expiresIn must be a whole number of seconds from 0 to 3162240000; correct it',
      post({ expiresIn: -1 }, token),
      post({ expiresIn: 60 }, token),
    ],
    [
      '"soon" is not a time in seconds; write the token\'s iat',
      { method: 'DELETE', path: `${token}/soon` },
      { method: 'DELETE', path: `${token}/1770000000` },
    ],
    [
      'project "raced" was deleted just now; create it again',
      // Somebody deletes the project between the look for its name and the write.
      {
        ...post({ project: named('raced') }),
        before: async () => {
          await server.call('POST', path, { project: named('raced') });
          await server.db.execute(sql`create trigger race after insert on projects for each statement
            execute function race()`);
        },
      },
      {
        ...post({ project: named('raced') }),
        before: () => server.db.execute(sql`drop trigger race on projects`),
      },
    ],
  ]);
});
