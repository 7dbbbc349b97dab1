import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { eq, sql } from 'drizzle-orm';
import { defaultSettings } from '../core/settings/settings.ts';
import { automation } from '../core/sync/operation/initiator.ts';
import { deletionRequest } from '../core/sync/operation/operation.ts';
import { planSchemaVersion, type SyncPlan } from '../core/sync/plan/plan.ts';
import { connectDatabase, type Database } from '../db/client.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { getApplication } from '../db/queries/application/application.ts';
import { isStatusOf } from '../db/queries/application/destination.ts';
import { type ObservationWrite, saveObservation } from '../db/queries/application/observed.ts';
import { takeSession } from '../db/queries/cluster/session.ts';
import { checkFence, takeFence } from '../db/queries/operation/fence.ts';
import { admitOperation, endOperation } from '../db/queries/operation/operation-life.ts';
import { type AutomatedSync, requestAsSession } from '../db/queries/operation/operation-request.ts';
import { recordSteps, type StepRecord } from '../db/queries/operation/plan.ts';
import { findEffectiveProject } from '../db/queries/project/effective-project.ts';
import { applicationStatus, applications, dirty } from '../db/schema/application.ts';
import { clusters } from '../db/schema/cluster.ts';
import { fences, operations } from '../db/schema/operation.ts';
import { projects } from '../db/schema/project.ts';
import { startPostgres } from '../local/postgres/postgres.ts';
import { cpuSecondsOf } from './support/cpu-seconds.ts';
import { quantile } from './support/figures.ts';
import { createParts } from './support/parts.ts';
import {
  admitPlainly,
  endPlainly,
  observePlainly,
  recordStepsPlainly,
  requestPlainly,
} from './support/plain-statements.ts';

/**
 * What hot changes cost as one statement and as a transaction of plain ones, and what queries gain by being built once
 * and by being read together: see README.md.
 */
const { values } = parseArgs({
  options: {
    applications: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '5' },
    together: { type: 'string', default: '8' },
  },
});
const [count, rounds, together] = [values.applications, values.rounds, values.together].map(Number) as [
  number,
  number,
  number,
];

const objects = 10;
const stateDir = mkdtempSync(join(tmpdir(), 'keelson-statements-'));
const parts = createParts(() => rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 }));

type Way = 'one' | 'plain';
/** Milliseconds that a call took on average, and those of the processors; one entry a round. */
type Figures = { readonly took: number[]; readonly used: number[] };
const figures = new Map<string, Record<Way, Figures>>();
let postgresPid = process.pid;

async function timed<Subject>(
  name: string,
  way: Way,
  subjects: readonly Subject[],
  inFlight: number,
  call: (subject: Subject) => Promise<unknown>,
): Promise<void> {
  const waiting = [...subjects];
  const startedAt = performance.now();
  const before = usedSeconds();
  const lane = async (): Promise<void> => {
    for (let subject = waiting.pop(); subject !== undefined; subject = waiting.pop()) await call(subject);
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const known = figures.get(name) ?? { one: { took: [], used: [] }, plain: { took: [], used: [] } };
  known[way].took.push((performance.now() - startedAt) / subjects.length);
  known[way].used.push(((usedSeconds() - before) * 1000) / subjects.length);
  figures.set(name, known);
}

/** Processor seconds of this process and of PostgreSQL. */
function usedSeconds(): number {
  const { user, system } = process.cpuUsage();
  const postgres = cpuSecondsOf(postgresPid);
  return (user + system) / 1e6 + postgres.user + postgres.system + postgres.childUser + postgres.childSystem;
}

type Subject = AutomatedSync & { readonly clusterId: string };

async function prepareSubjects(db: Database, clusterId: string): Promise<Subject[]> {
  const spec = {
    project: 'default',
    destination: { server: 'https://kubernetes.default.svc', namespace: 'x' },
    source: { repoURL: 'https://git.example.com/x', path: '.', targetRevision: 'main' },
  };
  const ids = Array.from({ length: count }, () => randomUUID());
  await db
    .insert(applications)
    .values(
      ids.map((id) => ({ id, namespace: 'keelson', name: id, project: 'default', spec, specDigest: '' })),
    );
  await db.insert(applicationStatus).values(ids.map((applicationId) => ({ applicationId })));
  await db.insert(dirty).values(ids.map((applicationId) => ({ applicationId })));
  const steps = Array.from({ length: objects }, (_, step) => ({
    step,
    phase: 'Sync' as const,
    wave: 0,
    action: 'apply' as const,
    key: { group: '', kind: 'ConfigMap', namespace: 'x', name: `object-${step}` },
    apiVersion: 'v1',
    batch: 0,
    changed: true,
  }));
  const plan: SyncPlan = { schemaVersion: planSchemaVersion, steps, groups: [], failureGroups: [] };
  return ids.map((id) => ({
    id: randomUUID(),
    clusterId,
    application: { id, name: id, namespace: 'keelson', project: 'default', clusterId, spec },
    kind: 'sync',
    initiatedBy: automation,
    request: { ...deletionRequest, revision: 'abc' },
    plan: { digest: 'x', plan, warnings: [], milliseconds: 1 },
  }));
}

const resultsOf = (operationId: string, first: number): StepRecord[] =>
  Array.from({ length: objects }, (_, step) => ({
    operationId,
    attempt: 1,
    step: first + step,
    status: 'Synced',
    hookPhase: 'Succeeded',
    message: `configmap/object-${step} configured`,
    uid: randomUUID(),
    objectVersion: '1',
    startedAt: new Date(),
    appliedAt: new Date(),
    finishedAt: new Date(),
    strategy: 'server-side',
  }));

function observationOf(session: ObservationWrite['session'], { application }: Subject): ObservationWrite {
  const nodes = Array.from({ length: objects }, (_, at) => ({
    uid: `${application.id}-${at}`,
    group: '',
    kind: 'ConfigMap',
    namespace: 'x',
    name: `object-${at}`,
    version: randomUUID(),
    parentRefs: [],
    info: [],
    images: [],
  }));
  const observed = {
    syncStatus: 'Synced',
    healthStatus: 'Healthy',
    healthMessage: null,
    summary: {},
  } as const;
  const seen = { ...observed, resources: nodes.map(({ kind, name }) => ({ kind, name })) };
  return { session, applicationId: application.id, observed: seen, comparedGeneration: 1, gone: [], nodes };
}

/** One life of an operation of every application, each change of it one way or the other. */
async function live(
  db: Database,
  session: ObservationWrite['session'],
  way: Way,
  inFlight: number,
  given: readonly Subject[],
): Promise<void> {
  const subjects = given.map((subject) => ({ ...subject, id: randomUUID() }));
  const isOne = way === 'one';
  const measure = (name: string, call: (subject: Subject) => Promise<unknown>): Promise<void> =>
    timed(`${name}, ${inFlight} at once`, way, subjects, inFlight, call);
  const whole = (one: Subject) => ({
    id: one.id,
    applicationId: one.application.id,
    clusterId: one.clusterId,
  });

  await measure('requestAsSession', (one) =>
    isOne ? requestAsSession(db, session, one) : requestPlainly(db, session, one),
  );
  await measure('admitOperation', (one) =>
    isOne ? admitOperation(db, whole(one)) : admitPlainly(db, whole(one)),
  );
  const runs = new Map<string, { holder: Parameters<typeof takeFence>[1]; token: number }>();
  for (const { id, application } of subjects) {
    const holder = { applicationId: application.id, operationId: id, attempt: 1 };
    runs.set(id, { holder, token: await takeFence(db, holder) });
  }
  await measure(`recordSteps of ${objects}`, async ({ id }) => {
    const run = runs.get(id);
    if (run !== undefined) await (isOne ? recordSteps : recordStepsPlainly)(db, resultsOf(id, 0), run);
  });
  await measure('endOperation', (one) =>
    isOne
      ? endOperation(db, whole(one), { phase: 'Succeeded', message: 'done', inHistory: false })
      : endPlainly(db, whole(one)),
  );
  await measure('saveObservation', (one) => {
    const write = observationOf(session, one);
    return isOne ? saveObservation(db, write, { before: [], after: [] }) : observePlainly(db, write);
  });
}

/** Queries that are built once, or read together, beside those that are not. */
async function read(db: Database, way: Way, inFlight: number, given: readonly Subject[]): Promise<void> {
  const isOne = way === 'one';
  const [any] = given;
  const holder = { applicationId: any?.application.id ?? '', operationId: any?.id ?? '', attempt: 1 };
  await db
    .insert(fences)
    .values({ ...holder, token: 1, open: true })
    .onConflictDoUpdate({ target: fences.applicationId, set: { ...holder, token: 1, open: true } });
  await timed(`checkFence, ${inFlight} at once`, way, given, inFlight, () =>
    isOne
      ? checkFence(db, holder, 1)
      : db
          .select({ token: fences.token, ends: sql<boolean>`${operations.terminateRequestedAt} is not null` })
          .from(fences)
          .leftJoin(operations, eq(operations.id, fences.operationId))
          .where(eq(fences.applicationId, holder.applicationId)),
  );
  await timed(`getApplication, ${inFlight} at once`, way, given, inFlight, ({ application: { id } }) =>
    isOne
      ? getApplication(db, id)
      : db
          .select()
          .from(applications)
          .innerJoin(applicationStatus, isStatusOf)
          .where(eq(applications.id, id)),
  );
  // A plan asks for its project twice, as it is then: its row, the global one that it inherits from, and its clusters.
  await timed(`findEffectiveProject, ${inFlight} at once`, way, given, inFlight, async () => {
    if (isOne) {
      await findEffectiveProject({ db, settings }, 'team');
      return;
    }
    for (const name of ['team', 'parent']) {
      await db.select().from(projects).where(eq(projects.name, name));
      await db.select().from(clusters).where(eq(clusters.project, name));
    }
  });
}

const parent = { projectName: 'parent', labelSelector: { matchLabels: { of: 'parent' } } };
const settings = { current: () => ({ ...defaultSettings, globalProjects: [parent] }) };

/** A project of the usual size with one that it inherits from. */
async function layProjects(db: Database): Promise<void> {
  const destinations = Array.from({ length: 10 }, (_, at) => ({ server: '*', namespace: `team-${at}-*` }));
  const spec = { sourceRepos: ['https://git.example.com/team/*'], destinations };
  await db.insert(projects).values([
    { name: 'team', labels: { of: 'parent' }, spec },
    { name: 'parent', spec: { namespaceResourceBlacklist: [{ group: '', kind: 'ResourceQuota' }] } },
  ]);
}

const median = (sample: readonly number[]): string => quantile(sample, 0.5).toFixed(2).padStart(7);

try {
  const postgres = await parts.start(() => startPostgres({ stateDir }));
  postgresPid = postgres.pid;
  const { db, close } = connectDatabase(postgres.url, { connections: 10, onError: () => {} });
  await migrateDatabase({ url: postgres.url });
  const [cluster] = await db
    .insert(clusters)
    .values({ name: 'x', server: 'https://x', credentials: Buffer.from('x') })
    .returning();
  const clusterId = cluster?.id ?? '';
  const epoch = await takeSession(db, { clusterId, owner: 'x', version: 'x' });
  const subjects = await prepareSubjects(db, clusterId);
  await layProjects(db);
  for (let round = 0; round <= rounds; round++) {
    // The first round compiles the program, prepares statements and fills the caches.
    if (round === 1) figures.clear();
    for (const inFlight of [1, together])
      for (const way of ['plain', 'one'] as const) {
        await live(db, { clusterId, epoch }, way, inFlight, subjects);
        await read(db, way, inFlight, subjects);
      }
  }
  await close();
  process.stdout.write(
    `load ${loadavg()[0]?.toFixed(1)}; ms a call, median of ${rounds} rounds: wall and processors, as one statement and plainly\n`,
  );
  for (const [name, { one, plain }] of figures)
    process.stdout.write(
      `  ${name.padEnd(30)} wall ${median(one.took)} ${median(plain.took)}   processors ${median(one.used)} ${median(plain.used)}\n`,
    );
} finally {
  await parts.stop();
}
