import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { pollUntil } from '../../../local/poll.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

let keelson: TestKeelson;
let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let database: DatabaseConnection;

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  keelson = await startKeelsonOn(facts);
  database = connectDatabase(facts.databaseUrl, { connections: 1, onError: () => {} });
  await database.db.execute(sql`
    create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'a fault that nobody expects, with hunter2' using errcode = 'P0001'; end $$;
    create function name_of(id uuid) returns text stable return (select name from applications a where a.id = name_of.id)`);
});

afterAll(async () => {
  await database?.close();
  await keelson?.stop();
  await facts?.drop();
});

async function createApplication(name: string): Promise<void> {
  const repository = await keelson.gitServer.createRepository(name, {
    'a.yaml': yamlOf(configMap('a', { a: '1' })),
  });
  await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name }));
}

/** The condition that an application gets, with the seconds that it took. */
async function errorOf(name: string): Promise<{ message: string; seconds: number }> {
  const startedAt = performance.now();
  let message: string | undefined;
  await pollUntil(`condition of ${name}`, 60, async () => {
    const { status } = await keelson.client.applications.get(name);
    message = status?.conditions?.find(({ type }) => type === 'ComparisonError')?.message;
    return message !== undefined;
  });
  return { message: message ?? '', seconds: (performance.now() - startedAt) / 1000 };
}

describe('a fault that nobody expects', () => {
  it('of a render becomes the condition of its application, and holds up no other', async () => {
    await database.db.execute(sql`
      create trigger no_render before update on application_status for each row
        when (name_of(new.application_id) = 'unrendered' and new.desired_render_id is not null) execute function refuse()`);
    await Promise.all([createApplication('unrendered'), createApplication('beside')]);
    const { message, seconds } = await errorOf('unrendered');
    expect(message).toBe('Failed to load target state: internal error (Error, code P0001)');
    expect(seconds).toBeLessThan(30);
    expect(await keelson.sync('beside')).toMatchObject({ phase: 'Succeeded' });
    // The request is answered: nothing renders it again until somebody asks.
    const { rows } = await database.db.execute<{ open: boolean }>(sql`
      select rendered_generation < generation as open from dirty
        where application_id = (select id from applications where name = 'unrendered')`);
    expect(rows).toEqual([{ open: false }]);
  });

  it('of a comparison becomes the condition of its application, which answers a refresh', async () => {
    await database.db.execute(sql`
      create trigger no_status before update on application_status for each row
        when (name_of(new.application_id) = 'uncompared' and new.sync_status = 'OutOfSync') execute function refuse()`);
    await createApplication('uncompared');
    const { message, seconds } = await errorOf('uncompared');
    expect(message).toBe('internal error (Error, code P0001)');
    expect(seconds).toBeLessThan(30);
    const startedAt = performance.now();
    const { status } = await keelson.client.applications.get('uncompared', { refresh: 'normal' });
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(status?.sync?.status).toBe('Unknown');

    await database.db.execute(sql`drop trigger no_status on application_status`);
    await pollUntil('it is compared again', 60, async () => {
      const view = await keelson.client.applications.get('uncompared');
      return view.status?.sync?.status === 'OutOfSync' && view.status.conditions === undefined;
    });
  });

  it('of the record of results ends an automated sync with an error', async () => {
    await database.db.execute(sql`
      create trigger no_results before insert on step_results for each row
        when (new.message like '%unwritten%') execute function refuse()`);
    const repository = await keelson.gitServer.createRepository('unwritten', {
      'a.yaml': yamlOf(configMap('unwritten', { a: '1' })),
    });
    const syncPolicy = { automated: {}, retry: { limit: 0 }, syncOptions: ['CreateNamespace=true'] };
    const shape = { name: 'unwritten', repoURL: repository.url, namespace: 'results', syncPolicy };
    await keelson.create(applicationOf(shape));
    await pollUntil('the end of the automated sync', 60, async () => {
      const [latest] = await keelson.client.operations.list('unwritten', 1);
      return latest?.finishedAt !== undefined;
    });
    const [latest] = await keelson.client.operations.list('unwritten', 1);
    expect(latest).toMatchObject({
      phase: 'Error',
      message: expect.stringMatching(/^internal error \(Error, code P0001\)/),
    });
  });

  it('of the record of an outcome leaves no operation without an end', async () => {
    await database.db.execute(sql`
      create trigger no_outcome before update on operations for each row
        when (new.message like '%no-such-revision%') execute function refuse()`);
    await createApplication('unrecorded');
    const ended = await keelson.sync('unrecorded', { revision: 'no-such-revision' }, 60);
    expect(ended).toMatchObject({
      phase: 'Error',
      message: "the attempt ended, but what it came to could not be stored; the worker's log says why",
    });
    expect(await keelson.sync('unrecorded')).toMatchObject({ phase: 'Succeeded' });
  });
});
