import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sql } from 'drizzle-orm';
import { partsFor } from '../api/application/application-parts.ts';
import { readFields } from '../api/request/fields.ts';
import { applicationManifest } from '../core/application/manifest.ts';
import { formatJson } from '../core/object/json/json.ts';
import { filterOf } from '../core/rbac/filter/filter.ts';
import { type CompiledPolicy, compilePolicy } from '../core/rbac/policy/compile.ts';
import type { MatchMode } from '../core/rbac/policy/rules.ts';
import { deletionRequest } from '../core/sync/operation/operation.ts';
import { connectDatabase, type Database } from '../db/client.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { completeApplications } from '../db/queries/application/application-record.ts';
import {
  countApplications,
  pageOfApplications,
  pagesOfApplications,
  projectsOfApplications,
} from '../db/queries/application/list/application-page.ts';
import type { Listing, PageKey } from '../db/queries/application/list/listing.ts';
import { startPostgres } from '../local/postgres/postgres.ts';
import { randomFrom } from '../test/support/random/random.ts';
import { cpuSecondsOf } from './support/cpu-seconds.ts';
import { quantile } from './support/figures.ts';
import { createParts } from './support/parts.ts';

/** What pages of a large list and its counts cost under five policies, and one whose expressions are decided on by name. */
const { values } = parseArgs({
  options: {
    applications: { type: 'string', default: '50000' },
    projects: { type: 'string', default: '200' },
    pages: { type: 'string', default: '300' },
    limit: { type: 'string', default: '100' },
  },
});
const [count, projects, pages, limit] = [
  values.applications,
  values.projects,
  values.pages,
  values.limit,
].map(Number) as [number, number, number, number];

const home = 'argocd';
const stateDir = mkdtempSync(join(tmpdir(), 'keelson-lists-'));
const parts = createParts(() => rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 }));
const shown = partsFor(readFields('items.metadata,items.spec,items.status', 'items'));
const random = randomFrom(1);

/** Applications with a spec, a status of ten objects, and a sync that has ended, in one statement. */
async function seed(db: Database): Promise<void> {
  await db.execute(sql`
    with numbers as (select n, n % ${projects}::int as project from generate_series(1, ${count}::int) n),
    created as (
      insert into applications (namespace, name, project, labels, annotations, spec)
      select ${home}, (array['web', 'api', 'worker', 'job', 'db'])[1 + n % 5] || '-' || n, 'project-' || project,
        jsonb_build_object('team', 'team-' || project, 'tier', (array['prod', 'test'])[1 + n % 2]),
        jsonb_build_object('owner', repeat('x', 100)),
        jsonb_build_object('project', 'project-' || project,
          'source', jsonb_build_object('repoURL', 'https://git.example.com/team/deploy.git', 'path', 'apps/' || n,
            'targetRevision', 'main', 'helm', jsonb_build_object('values', repeat('value: 1' || chr(10), 60))),
          'destination', jsonb_build_object('server', 'https://kubernetes.default.svc', 'namespace', 'ns-' || n))
      from numbers returning id, name
    ),
    observed as (
      insert into application_status (application_id, sync_status, health_status, resources, summary, reconciled_at)
      select id, (array['Synced', 'Synced', 'Synced', 'OutOfSync', 'Unknown'])[1 + length(name) % 5],
        (array['Healthy', 'Healthy', 'Degraded', 'Progressing'])[1 + ascii(right(name, 1)) % 4],
        (select jsonb_agg(jsonb_build_object('group', 'apps', 'version', 'v1', 'kind', 'Deployment', 'namespace', 'x',
          'name', 'object-' || at, 'status', 'Synced', 'health', jsonb_build_object('status', 'Healthy')))
          from generate_series(1, 10) at),
        '{"images": ["web:1", "api:2"]}', now()
      from created returning application_id
    )
    insert into operations (application_id, application_name, application_namespace, project, kind, phase, initiated_by,
      request, spec, revision, history_id, started_at, finished_at)
    select id, name, ${home}, 'x', 'sync', 'Succeeded', '{"automated": true}',
      ${formatJson({ ...deletionRequest, revision: 'abc' })}::jsonb,
      '{"project": "x", "destination": {}}', repeat('a', 40), 0, now(), now()
    from created join observed on application_id = id`);
  await db.execute(sql`vacuum analyze`);
}

/** A policy by what somebody may see with it. */
const policies: Readonly<Record<string, { readonly lines: readonly string[]; readonly mode?: MatchMode }>> = {
  admin: { lines: ['g, somebody, role:admin'] },
  [`1 of ${projects} projects`]: { lines: ['p, somebody, applications, get, project-7/*, allow'] },
  '50 projects': {
    lines: Array.from(
      { length: 50 },
      (_, at) => `p, somebody, applications, get, project-${at * 3}/*, allow`,
    ),
  },
  'globs of names': {
    lines: [
      'p, somebody, applications, get, */web-*5, allow',
      'p, somebody, applications, get, "*/{api,db}-[0-4]*", allow',
      'p, somebody, applications, get, project-1?/job-*, allow',
    ],
  },
  denials: {
    lines: [
      'p, somebody, applications, get, */*, allow',
      'p, somebody, applications, get, */web-*, deny',
      'p, somebody, applications, get, project-[1-4]*/db-*, deny',
      ...Array.from({ length: 30 }, (_, at) => `p, somebody, applications, get, project-${at}/*, deny`),
    ],
  },
  'expressions of names': {
    lines: ['p, somebody, applications, get, ^project-1.*/(web|api)-, allow'],
    mode: 'regex',
  },
};

async function listingOf(db: Database, policy: CompiledPolicy): Promise<Listing> {
  const right = { resource: 'applications', action: 'get' };
  const known = await projectsOfApplications(db);
  return {
    choice: { namespace: home, projects: [], labels: [] },
    filter: filterOf(policy, { name: 'somebody', groups: [] }, right, known),
    home,
  };
}

/** Milliseconds of the clock, and of the processors for this process and PostgreSQL. */
type Sample = { readonly took: number[]; readonly used: number[] };

async function timed<T>(sample: Sample, postgresPid: number, call: () => Promise<T>): Promise<T> {
  const used = (): number => {
    const { user, system } = process.cpuUsage();
    const { user: own, system: kernel, childUser, childSystem } = cpuSecondsOf(postgresPid);
    return (user + system) / 1000 + (own + kernel + childUser + childSystem) * 1000;
  };
  const before = used();
  const begun = performance.now();
  const result = await call();
  sample.took.push(performance.now() - begun);
  sample.used.push(used() - before);
  return result;
}

/** A page as a reply has it, with all that a request for it reads. */
async function readPage(db: Database, policy: CompiledPolicy, after: PageKey | undefined): Promise<number> {
  const { rows } = await pageOfApplications(db, await listingOf(db, policy), { after, limit }, shown.columns);
  const records = await completeApplications(db, rows, shown);
  const items = records.map((record) => applicationManifest(record, home));
  return formatJson({ items }).length;
}

const show = ({ took, used }: Sample): string =>
  `p50 ${quantile(took, 0.5).toFixed(0)} ms, p99 ${quantile(took, 0.99).toFixed(0)} ms, ` +
  `processors ${quantile(used, 0.5).toFixed(0)} ms`;

async function measure(db: Database, postgresPid: number, name: string): Promise<void> {
  const { lines = [], mode = 'glob' } = policies[name] ?? {};
  const policy = compilePolicy({
    texts: [{ name: 'policy.csv', text: lines.join('\n') }],
    projects: Array.from({ length: projects }, (_, at) => ({
      metadata: { name: `project-${at}` },
      spec: {},
    })),
    defaultRole: '',
    mode,
  });
  if (policy.issues.length > 0) throw new Error(`${policy.issues.length} lines of ${name} cannot be read`);
  const places: PageKey[] = [];
  let visible = 0;
  for await (const rows of pagesOfApplications(db, () => listingOf(db, policy), 1_000, [])) {
    visible += rows.length;
    places.push(
      ...rows.filter((_, at) => at % 10 === 0).map(({ name: at, namespace }) => ({ name: at, namespace })),
    );
  }
  const page: Sample = { took: [], used: [] };
  const counts: Sample = { took: [], used: [] };
  for (let at = 0; at < pages; at += 1) {
    const after = at % 10 === 0 ? undefined : places[Math.floor(random() * places.length)];
    await timed(page, postgresPid, () => readPage(db, policy, after));
    if (at % 3 === 0) {
      await timed(counts, postgresPid, async () => countApplications(db, await listingOf(db, policy)));
    }
  }
  console.log(`${name}: ${visible} of ${count} applications`);
  console.log(`  page of ${limit}  ${show(page)}`);
  console.log(`  counts       ${show(counts)}`);
}

try {
  const postgres = await parts.start(() => startPostgres({ stateDir }));
  const { db, close } = connectDatabase(postgres.url, { connections: 4, onError: () => {} });
  await migrateDatabase({ url: postgres.url });
  const begun = performance.now();
  await seed(db);
  console.log(`${count} applications seeded in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  for (const name of Object.keys(policies)) await measure(db, postgres.pid, name);
  console.log(`load ${loadavg()[0]?.toFixed(1)}`);
  await close();
} finally {
  await parts.stop();
}
