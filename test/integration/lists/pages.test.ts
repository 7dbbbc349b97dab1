import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseLabelSelector } from '../../../core/application/label-selector.ts';
import { filterOf } from '../../../core/rbac/filter/filter.ts';
import { compilePolicy } from '../../../core/rbac/policy/compile.ts';
import type { MatchMode } from '../../../core/rbac/policy/rules.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import { type ApplicationRow, removeApplication } from '../../../db/queries/application/application.ts';
import { createApplication } from '../../../db/queries/application/application-create.ts';
import type { ApplicationChoice } from '../../../db/queries/application/list/application-choice.ts';
import {
  countApplications,
  pageOfApplications,
  pagesOfApplications,
  projectsOfApplications,
} from '../../../db/queries/application/list/application-page.ts';
import type { Listing } from '../../../db/queries/application/list/listing.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';

const home = 'argocd';
let connection: DatabaseConnection;

beforeAll(async () => {
  connection = await openTestDatabase();
});
afterAll(async () => {
  await connection?.close();
});

async function create(
  name: string,
  more: Partial<Parameters<typeof createApplication>[1]> = {},
): Promise<ApplicationRow> {
  const project = more.project ?? 'p1';
  const row = await createApplication(connection.db, {
    namespace: home,
    labels: {},
    annotations: {},
    finalizers: [],
    spec: { project, destination: {} },
    repositories: [],
    audit: { actor: 'admin', action: 'application.create', object: name },
    ...more,
    name,
    project,
  });
  if (row === undefined) throw new Error(`application ${name} was not created`);
  return row;
}

async function listing(
  lines: string,
  choice: Partial<ApplicationChoice> = {},
  mode: MatchMode = 'glob',
): Promise<Listing> {
  const policy = compilePolicy({
    texts: [{ name: 'policy.csv', text: lines }],
    projects: [],
    defaultRole: '',
    mode,
  });
  const right = { resource: 'applications', action: 'get' };
  const projects = await projectsOfApplications(connection.db);
  return {
    choice: { namespace: home, projects: [], labels: [], ...choice },
    filter: filterOf(policy, { name: 'alice', groups: [] }, right, projects),
    home,
  };
}

const all = 'p, alice, applications, get, */*, allow';

async function namesOf(one: Listing, limit: number): Promise<string[]> {
  const names: string[] = [];
  for await (const rows of pagesOfApplications(connection.db, async () => one, limit, [])) {
    names.push(...rows.map(({ name }) => name));
  }
  return names;
}

describe('pages of applications', () => {
  it('come in the order of bytes, each application once, whatever their length', async () => {
    const names = ['b', 'a-1', 'a', 'B', 'a1', 'a.1', 'ab', 'ä'];
    for (const name of names) await create(`order-${name}`);
    const one = await listing(all);
    const expected = names.map((name) => `order-${name}`).sort();
    for (const limit of [1, 2, 3, 8, 9]) {
      const found = (await namesOf(one, limit)).filter((name) => name.startsWith('order-'));
      expect([limit, found]).toEqual([limit, expected]);
    }
  });

  it.each(['glob', 'regex'] as const)(
    'show what is there throughout once, whatever comes and goes between two of them (%s)',
    async (mode) => {
      const run = `stable-${mode}`;
      const lasting: string[] = [];
      const leaving: ApplicationRow[] = [];
      for (let at = 0; at < 30; at += 1) {
        const name = `${run}-${String(at).padStart(2, '0')}`;
        if (at % 3 === 0) leaving.push(await create(name));
        else lasting.push((await create(name)).name);
      }
      const lines = mode === 'glob' ? all : `p, alice, applications, get, ^p1/${run}, allow`;
      const one = await listing(lines, {}, mode);
      expect(one.filter.undecided.length > 0).toBe(mode === 'regex');
      const seen: string[] = [];
      let after: { name: string; namespace: string } | undefined;
      do {
        const page = await pageOfApplications(connection.db, one, { after, limit: 4 }, []);
        seen.push(...page.rows.map(({ name }) => name));
        after = page.next;
        // The very one that the next page begins after, one before it, and one behind.
        const gone = leaving.filter(({ name }) => name === after?.name).concat(leaving.splice(-1));
        for (const { id } of gone) await removeApplication(connection.db, id);
        await create(`${run}-0-${randomUUID()}`);
        await create(`${run}-9-${randomUUID()}`);
      } while (after !== undefined && seen.length < 200);
      const found = seen.filter((name) => name.startsWith(run));
      expect(new Set(found).size).toBe(found.length);
      expect(found.filter((name) => lasting.includes(name))).toEqual(lasting);
    },
  );

  it('are of what is asked for: project, name, labels and repository', async () => {
    const source = (repoURL: string) => ({ repoURL, path: 'x' });
    const spec = { project: 'q1', destination: {} };
    await create('asked-a', {
      project: 'q1',
      labels: { team: 'a', tier: '' },
      spec: { ...spec, source: source('https://one') },
    });
    await create('asked-b', {
      project: 'q2',
      labels: { team: 'b' },
      spec: { ...spec, sources: [source('https://two'), source('https://one')] },
    });
    // Where there is a list of sources, the single one doesn't count.
    await create('asked-c', {
      project: 'q2',
      spec: { ...spec, source: source('https://one'), sources: [source('https://two')] },
    });
    await create('asked-d', { project: 'q2', namespace: 'team', labels: { team: 'a' } });
    const names = async (choice: Partial<ApplicationChoice>) =>
      namesOf(await listing(all, { projects: ['q1', 'q2'], ...choice }), 10);
    const labelled = (selector: string) => names({ labels: parseLabelSelector(selector) });
    expect(await names({})).toEqual(['asked-a', 'asked-b', 'asked-c']);
    expect(await names({ projects: ['q1'] })).toEqual(['asked-a']);
    expect(await names({ name: 'asked-b' })).toEqual(['asked-b']);
    expect(await names({ namespace: 'team' })).toEqual(['asked-d']);
    expect(await names({ repo: 'https://one' })).toEqual(['asked-a', 'asked-b']);
    expect(await labelled('team=a')).toEqual(['asked-a']);
    expect(await labelled('team!=a')).toEqual(['asked-b', 'asked-c']);
    expect(await labelled('team in (a,b)')).toEqual(['asked-a', 'asked-b']);
    expect(await labelled('team notin (b)')).toEqual(['asked-a', 'asked-c']);
    expect(await labelled('tier')).toEqual(['asked-a']);
    expect(await labelled('!team')).toEqual(['asked-c']);
    expect(await labelled('tier=,team=a')).toEqual(['asked-a']);
  });

  it('and counts know only what may be seen', async () => {
    for (const name of ['seen-a', 'seen-b', 'hidden-a']) await create(name, { project: 'r1' });
    await create('seen-c', { project: 'r2' });
    await connection.db.execute(sql`update application_status set sync_status = 'Synced', health_status = 'Healthy'
      from applications where id = application_id and name = 'seen-a'`);
    const glob = 'p, alice, applications, get, r1/*, allow\np, alice, applications, get, */hidden-*, deny';
    const regex = 'p, alice, applications, get, ^r1/, allow\np, alice, applications, get, /hidden, deny';
    // More alternatives than become patterns, beside a project whose names do.
    const many = Array.from({ length: 70 }, (_, at) => `n${at}`).join(',');
    const mixed = `p, alice, applications, get, "r1/{seen-a,seen-b,${many}}", allow\np, alice, applications, get, r2/web-*, allow`;
    for (const one of [await listing(glob), await listing(regex, {}, 'regex'), await listing(mixed)]) {
      expect(await namesOf(one, 1)).toEqual(['seen-a', 'seen-b']);
      expect(await countApplications(connection.db, one)).toEqual({
        total: 2,
        sync: { Synced: 1, Unknown: 1 },
        health: { Healthy: 1, Unknown: 1 },
      });
    }
    const none = await listing('');
    expect(await namesOf(none, 1)).toEqual([]);
    expect(await countApplications(connection.db, none)).toEqual({ total: 0, sync: {}, health: {} });
  });

  it('are the same by patterns of names, whether what fits is near or thousands of names away', async () => {
    await connection.db.execute(sql`
      with created as (
        insert into applications (namespace, name, project, spec)
        select 'argocd', 'walk-' || lpad(n::text, 4, '0'), 'walked', '{"project": "walked", "destination": {}}'
        from generate_series(0, 4999) n returning id
      )
      insert into application_status (application_id) select id from created`);
    const names = Array.from({ length: 5_000 }, (_, at) => `walk-${String(at).padStart(4, '0')}`);
    const fitting: Readonly<Record<string, RegExp>> = {
      'walk-*7': /7$/,
      'walk-199?': /199.$/,
      'walk-2000': /2000$/,
      'walk-*00': /00$/,
      'walk-4999': /4999$/,
      'walk-x*': /x/,
    };
    for (const [glob, fits] of Object.entries(fitting)) {
      const one = await listing(`p, alice, applications, get, walked/${glob}, allow`);
      const expected = names.filter((name) => fits.test(name));
      expect([glob, await namesOf(one, 7)]).toEqual([glob, expected]);
      expect([glob, await namesOf(one, 500)]).toEqual([glob, expected]);
    }
  });

  it('go by what may be seen when each of them is read', async () => {
    const before = await listing('p, alice, applications, get, walked/*, allow');
    const after = await listing('p, alice, applications, get, walked/walk-4*, allow');
    let asked = 0;
    const sizes: number[] = [];
    const now = async (): Promise<Listing> => (asked++ === 0 ? before : after);
    for await (const rows of pagesOfApplications(connection.db, now, 600, [])) sizes.push(rows.length);
    expect(sizes).toEqual([600, 600, 400]);
  });
});
