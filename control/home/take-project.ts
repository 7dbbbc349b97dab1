import { type HomeConditionType, withHomeCondition } from '../../core/home/conditions.ts';
import { type Meaning, meaningOf } from '../../core/home/incarnation.ts';
import { formatIssues } from '../../core/issue.ts';
import { sameJson } from '../../core/object/json/canonical.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { concernedProjects } from '../../core/project/change/fall-out.ts';
import { withNormalPolicies } from '../../core/project/change/own-part.ts';
import { readProject } from '../../core/project/read-project.ts';
import type { Database } from '../../db/client.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import type { ProjectRow } from '../../db/queries/project/project.ts';
import {
  announceRules,
  countApplicationsIn,
  insertProject,
  lockProject,
  type ProjectWrite,
  removeProject,
  replaceProject,
  updateProjectHome,
} from '../../db/queries/project/write-project.ts';
import { auditOf } from '../context.ts';
import { sendHint } from '../hint.ts';
import { digestOf, projectsNow, withProject } from '../project/judge-change.ts';
import { type HomeControl, homeAuthor, type Transaction } from './context.ts';
import type { Intake } from './take-application.ts';

/** What became of a project's object. */
export type TakenProject = {
  readonly outcome: 'taken' | 'known' | 'unreadable' | 'conflict' | 'doubtful' | 'none';
  readonly row: ProjectRow | undefined;
  /** Applications that go by other rules now. */
  readonly refresh: readonly string[];
};

/** How a project's object is taken in. */
export type ProjectIntake = Omit<Intake, 'audit'> & {
  /** What the audit says where somebody came by the API; called once the object says what they want. */
  readonly audit?: () => Parameters<typeof recordAudit>[1];
};

/** Takes an AppProject object of the home cluster into its row, as `takeApplication` does with applications. */
export async function takeProject(
  control: HomeControl,
  object: Manifest,
  intake: ProjectIntake,
): Promise<TakenProject> {
  const taken = await takeProjectIn(control, object, intake);
  sendHint(control, control.engine.refreshApplications(taken.refresh));
  return taken;
}

/** The same without a word to the engine. */
export function takeProjectIn(
  control: HomeControl,
  object: Manifest,
  intake: ProjectIntake,
): Promise<TakenProject> {
  const { name = '', uid = '', resourceVersion: version = '', deletionTimestamp } = object.metadata;
  const read = readProjectObject(object);
  return intake.transaction(async (tx) => {
    const row = await lockProject(tx, name);
    const mirrored = row && { ...row, project: '' };
    const meaning = meaningOf(mirrored, { uid, version, project: '' }, intake.origin);
    if (meaning === 'doubtful') return { outcome: 'doubtful', row, refresh: [] };
    const taking = { tx, control, intake, name, home: { homeUid: uid, homeVersion: version } };
    // One on its way out that is not known has been deleted by us, or was never ours.
    if (row === undefined && deletionTimestamp !== undefined) return { outcome: 'none', row, refresh: [] };
    if (meaning === 'known' && row !== undefined) return known(taking, row);
    if (read.write === undefined) return refuse(taking, row, read.fault);
    return row === undefined ? create(taking, read.write) : follow(taking, row, read.write, meaning);
  });
}

type ReadProjectObject =
  | { readonly write: ProjectWrite; readonly fault?: never }
  | { readonly fault: string; readonly write?: never };

function readProjectObject(object: Manifest): ReadProjectObject {
  const read = readProject(object);
  if (read.issues !== undefined) return { fault: formatIssues(read.issues) };
  const { labels = {}, annotations = {}, finalizers = [] } = read.value.metadata;
  return {
    write: {
      ...{ labels, annotations, finalizers },
      spec: withNormalPolicies(read.value.spec),
      // As it is: what counts of tokens is the status, and a spec that still names a revoked one revives nothing.
      status: read.value.status ?? {},
    },
  };
}

/** What somebody writes by the API decides; else a row that held until now has to say the same. */
function follow(
  taking: Taking,
  row: ProjectRow,
  write: ProjectWrite,
  meaning: Meaning,
): Promise<TakenProject> {
  const isClaim = meaning === 'claimed' && taking.intake.origin !== 'write';
  return isClaim && !isSame(row, write) ? conflict(taking, row) : update(taking, row, write);
}

type Taking = {
  readonly tx: Database;
  readonly control: HomeControl;
  readonly intake: ProjectIntake;
  readonly name: string;
  readonly home: Pick<ProjectRow, 'homeUid' | 'homeVersion'>;
};

function isSame(row: ProjectRow, write: ProjectWrite): boolean {
  const decided = ({ labels, annotations, finalizers, spec, status }: ProjectWrite) => [
    ...[labels, annotations, finalizers, spec, status],
  ];
  return sameJson(decided(row), decided(write));
}

async function known({ tx, intake }: Taking, row: ProjectRow): Promise<TakenProject> {
  if (intake.audit !== undefined) await recordAudit(tx, intake.audit());
  const homeConditions = withHomeCondition(row.homeConditions, 'Detached', undefined, new Date());
  if (homeConditions.length === row.homeConditions.length) return { outcome: 'known', row, refresh: [] };
  // It had only been out of sight.
  await updateProjectHome(tx, row, { homeConditions });
  return { outcome: 'known', row, refresh: await announceRules(tx, [row.name]) };
}

/** What the project said before is in force; one that never said anything isn't there. */
async function refuse(taking: Taking, row: ProjectRow | undefined, fault: string): Promise<TakenProject> {
  if (row === undefined) {
    taking.control.log.warn({ project: taking.name, fault }, 'project object cannot be read');
    return { outcome: 'unreadable', row, refresh: [] };
  }
  const message = `${fault}; what the project said before is in force`;
  return { ...(await note(taking.tx, row, 'InvalidSpecError', message)), outcome: 'unreadable' };
}

async function conflict(taking: Taking, row: ProjectRow): Promise<TakenProject> {
  const message = `an object named ${row.name} is in the home cluster with another spec; make both the same, or delete the object to have it written from here`;
  return { ...(await note(taking.tx, row, 'HomeConflict', message)), outcome: 'conflict' };
}

/** Says something of a project; its applications are looked at again, as nobody may go by one that is in doubt. */
async function note(
  tx: Database,
  row: ProjectRow,
  type: HomeConditionType,
  message: string,
): Promise<TakenProject> {
  const homeConditions = withHomeCondition(row.homeConditions, type, message, new Date());
  if (sameJson(homeConditions, row.homeConditions)) return { outcome: 'known', row, refresh: [] };
  await updateProjectHome(tx, row, { homeConditions });
  return { outcome: 'known', row, refresh: await announceRules(tx, [row.name]) };
}

async function create(taking: Taking, write: ProjectWrite): Promise<TakenProject> {
  const { tx, control, name, home } = taking;
  const before = await projectsNow(control, tx);
  const row = await insertProject(tx, { name, ...write, ...home });
  await recordAudit(tx, auditOfTaking(taking, 'project.create', { after: digestOf(control, write) }));
  const concerned = concernedProjects(name, before, withProject(before, name, write));
  return { outcome: 'taken', row, refresh: await announceRules(tx, concerned) };
}

async function update(taking: Taking, row: ProjectRow, write: ProjectWrite): Promise<TakenProject> {
  const { tx, control, intake, name, home } = taking;
  const isQuiet = row.homeConditions.length === 0 && row.homeUid === home.homeUid;
  if (isSame(row, write) && isQuiet && intake.audit === undefined) {
    return { outcome: 'known', row, refresh: [] };
  }
  const before = await projectsNow(control, tx);
  const { mode } = control.settings.current().policies.now;
  const written = await replaceProject(tx, row, { ...write, ...home, homeConditions: [] }, mode);
  const action = intake.origin === 'read' ? 'project.restore' : 'project.update';
  const digests = { before: digestOf(control, row), after: digestOf(control, write) };
  if (intake.audit !== undefined || !isSame(row, write)) {
    await recordAudit(tx, auditOfTaking(taking, action, digests));
  }
  const concerned = new Set(concernedProjects(name, before, withProject(before, name, write)));
  if (row.homeConditions.length > 0) concerned.add(name);
  return { outcome: 'taken', row: written, refresh: await announceRules(tx, [...concerned]) };
}

function auditOfTaking(
  { intake, name, home }: Taking,
  action: string,
  digests: { readonly before?: string; readonly after?: string },
) {
  if (intake.audit !== undefined) return intake.audit();
  const { homeUid: uid, homeVersion: resourceVersion } = home;
  const entry = { action, object: name, ...digests, details: { uid, resourceVersion } };
  return auditOf(homeAuthor, entry);
}

/** Has nothing synced of a project's applications, as no object can be made of it. */
export async function holdProject(
  control: HomeControl,
  transaction: Transaction,
  name: string,
  reason: string,
): Promise<void> {
  const refresh = await transaction(async (tx) => {
    const row = await lockProject(tx, name);
    if (row === undefined || row.homeUid !== null) return [];
    return (await note(tx, row, 'HomeConflict', `project ${name} ${reason}`)).refresh;
  });
  sendHint(control, control.engine.refreshApplications(refresh));
}

/** Whether nothing is in a project any more, so that one that is being deleted may go. */
export async function isReleasable({ db }: Pick<HomeControl, 'db'>, name: string): Promise<boolean> {
  return (await countApplicationsIn(db, name)) === 0;
}

/** Says of a project that its object is gone, although nobody was seen to delete it: nothing is done by it until then. */
export async function detachProject(
  control: HomeControl,
  transaction: Transaction,
  { name, homeUid }: Pick<ProjectRow, 'name' | 'homeUid'>,
): Promise<void> {
  const refresh = await transaction(async (tx) => {
    const row = await lockProject(tx, name);
    if (row === undefined || row.homeUid !== homeUid) return [];
    const message = `the object of project ${name} is gone from the home cluster, and nobody goes by the project until it is there again`;
    return (await note(tx, row, 'Detached', message)).refresh;
  });
  sendHint(control, control.engine.refreshApplications(refresh));
}

/** Forgets a project whose object was seen to be deleted; its applications are neither synced nor pruned from then on. */
export async function dropProject(
  control: HomeControl,
  transaction: Transaction,
  { name = '', uid = '' }: Manifest['metadata'],
): Promise<void> {
  const refresh = await transaction(async (tx) => {
    const row = await lockProject(tx, name);
    if (row === undefined || row.homeUid !== uid) return [];
    const before = await projectsNow(control, tx);
    const stored = new Map(before.stored);
    stored.delete(name);
    await removeProject(tx, row);
    const entry = {
      action: 'project.delete',
      object: name,
      before: digestOf(control, row),
      details: { uid },
    };
    await recordAudit(tx, auditOf(homeAuthor, entry));
    return announceRules(tx, concernedProjects(name, before, { ...before, stored }));
  });
  sendHint(control, control.engine.refreshApplications(refresh));
}
