import { KeelsonError } from '../../core/errors.ts';
import { type Meaning, meaningOf, type Origin } from '../../core/home/incarnation.ts';
import { type Notice, unlabelled } from '../../core/home/settings/notice.ts';
import { inPrecedence } from '../../core/home/settings/precedence.ts';
import {
  readSettingsObject,
  type SettingsObject,
  type SettingsRef,
  type SettingsRole,
  shownRef,
} from '../../core/home/settings/settings-object.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import type { Database } from '../../db/client.ts';
import {
  forgetSettingsObject,
  giveUpContent,
  type HomeSettingsRow,
  keepEarlierContent,
  listSettingsObjects,
  lockSettingsObject,
  markGone,
  openSettingsObject,
  rivalsAt,
  type SettingsScope,
  saveNotices,
  saveSettingsObject,
} from '../../db/queries/home/settings-object.ts';
import type { Author } from '../context.ts';
import { sendHint } from '../hint.ts';
import { homeAuthor, type Transaction } from '../home/context.ts';
import { accountsRole } from './accounts-role.ts';
import { clusterRole } from './cluster-role.ts';
import { repositoryRole, templateRole } from './repository-roles.ts';
import {
  type AddressedRole,
  type Effects,
  noEffects,
  type SettingsControl,
  type SingleRole,
  type Taking,
} from './settings-control.ts';
import { certificatesRole, gpgKeysRole, knownHostsRole } from './trust-roles.ts';
import { wordsRole } from './words-role.ts';

const roles: Readonly<Record<SettingsRole, SingleRole | AddressedRole | { readonly sort: 'kept' }>> = {
  words: wordsRole,
  'known-hosts': knownHostsRole,
  certificates: certificatesRole,
  'gpg-keys': gpgKeysRole,
  accounts: accountsRole,
  repository: repositoryRole,
  template: templateRole,
  cluster: clusterRole,
  kept: { sort: 'kept' },
};

/** Something new to know about an object, which people who look at the object itself are to see as well. */
export type NewNotice = { readonly ref: SettingsRef; readonly uid: string; readonly notice: Notice };

type Outcome = { readonly news: readonly NewNotice[]; readonly effects: readonly Effects[] };

const nothing: Outcome = { news: [], effects: [] };

/** How something is taken over: by whom, within which transaction, and how it came to be known. */
export type TakeChoice = {
  readonly author?: Author;
  readonly transaction?: Transaction;
  readonly origin?: Origin;
};

/** What taking an object, or its absence, came to. */
export type TakenObject = {
  /** What is new to know. */
  readonly news: readonly NewNotice[];
  /** Whether only a read tells if the object is older than known. */
  readonly doubtful: boolean;
  /** Whether nothing was done, since as much was known already. */
  readonly known: boolean;
};

/** Takes over what an object of the home cluster says, once: a version that is known, or older, changes nothing. */
export async function takeSettingsObject(
  control: SettingsControl,
  manifest: Manifest,
  choice: TakeChoice = {},
): Promise<TakenObject> {
  const object = readSettingsObject(manifest);
  if (object === undefined) return forgetRelabelled(control, manifest, choice);
  let meaning: Meaning = 'known';
  const news = await within(control, choice, async (taking) => {
    const before = await lockSettingsObject(taking.tx, object);
    meaning = meaningIn(before, object, choice.origin ?? 'event');
    if (meaning === 'doubtful' || meaning === 'known') return nothing;
    // A Secret of another type than before leaves what it was.
    const left = before === undefined || before.role === object.role ? nothing : await leave(taking, before);
    const taken = await takeAs(taking, object, before?.role === object.role ? before : undefined);
    return joined([left, taken]);
  });
  return { news, ...verdictOf(meaning) };
}

function verdictOf(meaning: Meaning): Pick<TakenObject, 'doubtful' | 'known'> {
  return { doubtful: meaning === 'doubtful', known: meaning === 'known' };
}

function meaningIn(before: HomeSettingsRow | undefined, object: SettingsObject, origin: Origin): Meaning {
  // One that is known to be gone is whatever is found under its name.
  const known = before === undefined || before.goneAt !== null ? undefined : before;
  const mirrored = known && { homeUid: known.uid, homeVersion: known.resourceVersion, project: '' };
  return meaningOf(mirrored, { uid: object.uid, version: object.resourceVersion, project: '' }, origin);
}

/** Takes over that an object was deleted: words stay in force until somebody accepts that, addresses are forgotten. */
export async function settingsObjectGone(
  control: SettingsControl,
  ref: SettingsRef,
  choice: TakeChoice = {},
): Promise<readonly NewNotice[]> {
  return (await removeSettingsObject(control, ref, choice)).news;
}

/** The same, and whether it was known. */
export async function removeSettingsObject(
  control: SettingsControl,
  ref: SettingsRef,
  choice: TakeChoice = {},
): Promise<TakenObject> {
  let known = true;
  const news = await within(control, choice, async (taking) => {
    const before = await lockSettingsObject(taking.tx, ref);
    if (before === undefined || before.goneAt !== null) return nothing;
    known = false;
    return leave(taking, before);
  });
  return { news, known, doubtful: false };
}

/** Takes over a complete list: what was seen and isn't among it is gone. */
export async function settingsObjectsListed(
  control: SettingsControl,
  kind: SettingsRef['kind'],
  listed: readonly { readonly namespace: string; readonly name: string }[],
  choice: TakeChoice = {},
): Promise<readonly NewNotice[]> {
  const names = new Set(listed.map(({ namespace, name }) => `${namespace}/${name}`));
  const known = await listSettingsObjects(control.db);
  const gone = known.filter(
    (row) => row.kind === kind && row.goneAt === null && !names.has(`${row.namespace}/${row.name}`),
  );
  const news: NewNotice[] = [];
  for (const row of gone) news.push(...(await settingsObjectGone(control, row, choice)));
  return news;
}

/** An object whose labels say no longer that it sets anything is like one that is gone. */
async function forgetRelabelled(
  control: SettingsControl,
  { kind, metadata }: Manifest,
  choice: TakeChoice,
): Promise<TakenObject> {
  if (kind !== 'Secret') return { news: [], doubtful: false, known: true };
  const ref: SettingsRef = { kind, namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
  return removeSettingsObject(control, ref, choice);
}

/** Accepts what an object says now, in place of what it said before. */
export async function acceptObject(
  control: SettingsControl,
  row: HomeSettingsRow,
  author: Author,
): Promise<void> {
  await within(control, { author }, async (taking) => {
    const locked = await lockSettingsObject(taking.tx, row);
    const role = roles[row.role];
    if (locked === undefined || role.sort === 'kept') return nothing;
    if (locked.resourceVersion !== row.resourceVersion) throw changedMeanwhile(row);
    if (role.sort === 'addressed') {
      await giveUpContent(taking.tx, locked);
      return settle(taking, role, row.role, locked);
    }
    const object = locked.goneAt === null ? openSettingsObject(taking.keyring, locked) : undefined;
    const { effects } = await role.apply(taking, { ref: locked, object, accepted: true });
    await saveNotices(
      taking.tx,
      locked,
      locked.notices.filter(({ type }) => type === 'Unlabelled'),
    );
    if (object === undefined) await forgetSettingsObject(taking.tx, locked);
    return { news: [], effects: [effects] };
  });
}

/** What is said where an object says something else by now than what somebody has seen. */
export function changedMeanwhile(row: SettingsRef): KeelsonError {
  return new KeelsonError(
    'conflict',
    `${shownRef(row)} was changed meanwhile, and nothing of it was accepted`,
  );
}

async function takeAs(
  taking: Taking,
  object: SettingsObject,
  before: HomeSettingsRow | undefined,
): Promise<Outcome> {
  const role = roles[object.role];
  const noted = object.labelled || object.kind === 'Secret' ? [] : [unlabelled];
  if (role.sort === 'addressed') return takeAddressed(taking, role, object, before);
  await saveSettingsObject(taking.tx, taking.keyring, object, { address: '', project: '', usable: true });
  if (role.sort === 'kept') return nothing;
  const { notices, effects } = await role.apply(taking, { ref: object, object, accepted: false });
  return { news: await noteAll(taking, object, [...noted, ...notices]), effects: [effects] };
}

async function takeAddressed(
  taking: Taking,
  role: AddressedRole,
  object: SettingsObject,
  before: HomeSettingsRow | undefined,
): Promise<Outcome> {
  const { tx, keyring } = taking;
  const fault = await role.faultOf(taking, object);
  if (fault !== undefined) {
    const since = before?.usable === true ? '; what it said last stays in force' : '';
    // Without anything that it said before it only stands in nobody's way.
    if (before?.usable === true) await keepEarlierContent(tx, object);
    else await saveSettingsObject(tx, keyring, object, { ...role.scopeOf(object), usable: false });
    return {
      news: await noteAll(taking, object, [{ type: 'Unreadable', message: fault + since }]),
      effects: [],
    };
  }
  const scope = role.scopeOf(object);
  await saveSettingsObject(tx, keyring, object, { ...scope, usable: true });
  await noteAll(taking, object, []);
  const moved =
    before !== undefined && (before.address !== scope.address || before.project !== scope.project);
  const outcomes = [await settle(taking, role, object.role, scope)];
  if (moved) outcomes.push(await settle(taking, role, object.role, before));
  return joined(outcomes);
}

/** Brings in force the one of several objects that counts for an address, and says of the others that they don't. */
async function settle(
  taking: Taking,
  role: AddressedRole,
  name: SettingsRole,
  { address, project }: SettingsScope,
): Promise<Outcome> {
  const rivals = await rivalsAt(taking.tx, name, { address, project });
  const ordered = inPrecedence(
    rivals.map((row) => ({ row, ...row, createdAt: row.objectCreatedAt.toISOString() })),
  ).map(({ row }) => row);
  const [first, ...others] = ordered.filter(({ usable }) => usable);
  const effects = await role.apply(
    taking,
    { address, project },
    first && { name: first.name, ...openSettingsObject(taking.keyring, first) },
  );
  const news: NewNotice[] = [];
  if (first !== undefined) await noteAll(taking, first, notShadowed(first));
  for (const row of others) {
    const message = `speaks of an address that Secret ${first?.name ?? ''} speaks of, which is older and counts`;
    news.push(...(await noteAll(taking, row, [...notShadowed(row), { type: 'Shadowed', message }])));
  }
  return { news, effects: [effects] };
}

function notShadowed({ notices }: HomeSettingsRow): Notice[] {
  return notices.filter(({ type }) => type !== 'Shadowed');
}

/** What follows where an object is no longer what it was. */
async function leave(taking: Taking, before: HomeSettingsRow): Promise<Outcome> {
  const role = roles[before.role];
  if (role.sort === 'single') {
    await markGone(taking.tx, before);
    const { notices, effects } = await role.apply(taking, {
      ref: before,
      object: undefined,
      accepted: false,
    });
    return { news: await noteAll(taking, before, notices), effects: [effects] };
  }
  await forgetSettingsObject(taking.tx, before);
  return role.sort === 'kept' ? nothing : settle(taking, role, before.role, before);
}

async function noteAll(
  { tx }: Taking,
  ref: SettingsRef & { readonly uid: string },
  notices: readonly Notice[],
): Promise<NewNotice[]> {
  const { kind, namespace, name, uid } = ref;
  const fresh = await saveNotices(tx, ref, notices);
  return fresh.map((notice) => ({ ref: { kind, namespace, name }, uid, notice }));
}

function joined(outcomes: readonly Outcome[]): Outcome {
  return {
    news: outcomes.flatMap(({ news }) => news),
    effects: outcomes.flatMap(({ effects }) => effects),
  };
}

/** Does all in one transaction, and tells the engine what follows once it is committed. */
async function within(
  control: SettingsControl,
  { author = homeAuthor, transaction }: TakeChoice,
  run: (taking: Taking) => Promise<Outcome>,
): Promise<readonly NewNotice[]> {
  const { db, keyring, engine, clusterCredentials } = control;
  const write = (tx: Database) => run({ tx, keyring, clusterCredentials, author });
  const { news, effects } = await (transaction === undefined ? db.transaction(write) : transaction(write));
  const all = effects.length === 0 ? [noEffects] : effects;
  const refresh = all.flatMap((one) => one.refresh);
  if (all.some(({ repositories }) => repositories)) sendHint(control, engine.refreshRepositories());
  if (refresh.length > 0) sendHint(control, engine.refreshApplications(refresh));
  for (const { cluster } of all)
    if (cluster !== undefined) sendHint(control, engine.ensureClusterSession(cluster));
  return news;
}
