import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { applyObject } from '../../../cluster/apply/apply-object.ts';
import { waitUntilEstablished } from '../../../cluster/discovery/established.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import { mapBounded } from '../../../core/bounded.ts';
import { hasFormerManagers } from '../../../core/diff/fields/former-fields.ts';
import { findPointer, pointerSteps, readPath } from '../../../core/diff/fields/paths.ts';
import { respectIgnored } from '../../../core/diff/rules/respect-ignored.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { formatJson } from '../../../core/object/json/json.ts';
import { formerManagers } from '../../../core/object/managers.ts';
import { isFields } from '../../../core/object/manifest/check-manifest.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import { toolPath } from '../../../local/obtain/tools.ts';
import { testPlatform } from '../keelson/platform.ts';
import { gadgetDefinition, type RandomApply, randomApply } from './random-applies.ts';

/** What a batch of random syncs is run with. */
export type Oracle = {
  readonly client: ClusterClient;
  readonly kubectlPath: string;
  readonly kubeconfigPath: string;
  close(): Promise<void>;
};

/** An API server of one's own with the kinds of random objects. */
export async function openOracle(): Promise<Oracle> {
  const [local, kubectlPath] = await Promise.all([
    testPlatform().startCluster({ controllers: false }),
    toolPath('kubectl'),
  ]);
  const client = createClusterClient(credentialsFromKubeconfig(readFileSync(local.kubeconfigPath, 'utf8')));
  await client.create(gadgetDefinition);
  await waitUntilEstablished(client, gadgetDefinition, new AbortController().signal);
  const close = async (): Promise<void> => {
    await client.close();
    await local.stop();
  };
  return { client, kubectlPath, kubeconfigPath: local.kubeconfigPath, close };
}

const sideBySide = 10;
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** What was found in a batch: how many syncs the API server refused to either side, and what differs. */
export type Findings = {
  readonly refused: number;
  readonly kept: number;
  readonly faults: readonly string[];
};

type Case = RandomApply & {
  readonly name: string;
  live?: Manifest;
  after?: Manifest;
  refusal?: string;
  stays?: boolean;
  merged?: boolean;
};

/**
 * Carries out random syncs of one seed in one namespace, and the same changes by kubectl in another one: objects that
 * were last written by client-side apply by `kubectl apply`, all others by `kubectl apply --server-side` once the
 * former manager's fields were given to ours. Both have to end with the same objects, except for ignored fields, which
 * have to end as they were.
 */
export async function runBatch(oracle: Oracle, label: string, seed: number, size: number): Promise<Findings> {
  const { client } = oracle;
  const [ours, theirs] = [`${label}-ours`, `${label}-theirs`];
  for (const name of [ours, theirs]) {
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  const cases: Case[] = fc
    .sample(randomApply, { seed, numRuns: size })
    .map((make, position) => ({ ...make(`case-${position}`), name: `case-${position}` }));
  await mapBounded(cases, sideBySide, async (one) => {
    await prepare(client, one, ours);
    await prepare(client, one, theirs);
    await syncOurs(client, one, ours);
    if (one.writer !== 'kubectl-apply') await giveToUs(client, one, theirs);
  });
  const isClientSide = ({ writer }: Case): boolean => writer === 'kubectl-apply';
  const said = await kubectlApply(oracle, theirs, cases.filter(isClientSide), []);
  const serverSide = ['--server-side', '--force-conflicts', '--field-manager=keelson'];
  const saidToo = await kubectlApply(
    oracle,
    theirs,
    cases.filter((one) => !isClientSide(one)),
    serverSide,
  );
  const faults = await mapBounded(cases, sideBySide, async (one) => {
    const expected = await client.get(one.desired.apiVersion, keyOf(placed(one.desired, theirs)));
    const fault = faultOf(one, expected);
    return fault === undefined
      ? []
      : [
          `seed ${seed}, case ${one.name}: ${fault}\n${formatJson(one)}\nkubectl ${formatJson(expected)}\n${[said, saidToo].join('\n')}`,
        ];
  });
  return {
    refused: cases.filter(({ refusal }) => refusal !== undefined).length,
    kept: cases.filter(({ stays }) => stays).length,
    faults: faults.flat(),
  };
}

function placed(manifest: Manifest, namespace: string): Manifest {
  return { ...manifest, metadata: { ...manifest.metadata, namespace } };
}

/** Brings an object to the state before the sync. */
async function prepare(
  client: ClusterClient,
  { writer, before, edit }: Case,
  namespace: string,
): Promise<void> {
  const manifest = placed(before, namespace);
  switch (writer) {
    case 'nobody':
      return;
    case 'keelson':
      await client.applyServerSide(manifest);
      break;
    case 'reference-apply':
      await client.applyServerSide(manifest, { fieldManager: 'argocd-controller' });
      break;
    case 'kubectl-create':
      await client.create(manifest, { fieldManager: 'kubectl-create' });
      break;
    case 'kubectl-apply':
      await client.create(withCopy(manifest), { fieldManager: 'kubectl-client-side-apply' });
      break;
  }
  if (edit === undefined) return;
  await client.patch(manifest.apiVersion, keyOf(manifest), edit, 'merge', {
    fieldManager: 'kubectl-edit',
    fieldValidation: 'Ignore',
  });
}

function withCopy(manifest: Manifest): Manifest {
  const annotations = { ...manifest.metadata.annotations, [lastApplied]: `${formatJson(manifest)}\n` };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

async function syncOurs(client: ClusterClient, one: Case, namespace: string): Promise<void> {
  const desired = placed(one.desired, namespace);
  const live = await client.get(desired.apiVersion, keyOf(desired));
  if (live !== undefined) one.live = live;
  const written = live === undefined ? desired : respectIgnored(desired, live, rulesOf(one));
  const takeOverFirst = live !== undefined && hasFormerManagers(live, formerManagers);
  try {
    const done = await applyObject(client, written, {
      strategy: 'server-side',
      validate: true,
      force: false,
      takeOverFirst,
    });
    one.merged = done.strategy === 'client-side';
    one.stays = done.notes.some((note) => note.includes("can't be removed"));
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.retryable) throw error;
    one.refusal = error.message;
  }
  const after = await client.get(desired.apiVersion, keyOf(desired));
  if (after !== undefined) one.after = after;
}

function rulesOf({ ignored }: Case) {
  return {
    jsonPointers: ignored,
    jqPathExpressions: [],
    managers: [],
    knownTypeFields: [],
    ignoresAggregatedRules: false,
    ignoresStatus: true,
  };
}

/** The change of managers that our sync makes, by hand: a former manager has one entry, which gets another name. */
async function giveToUs(client: ClusterClient, { desired, stays }: Case, namespace: string): Promise<void> {
  const live = await client.get(desired.apiVersion, keyOf(placed(desired, namespace)));
  if (live === undefined || stays) return;
  const managedFields = (live.metadata.managedFields ?? []).map((entry) => {
    const { manager } = entry as { manager: string };
    const former = manager === 'kubectl-create' || manager === 'argocd-controller';
    return former ? { ...(entry as object), manager: 'keelson', operation: 'Apply' } : entry;
  });
  const patch = [{ op: 'replace', path: '/metadata/managedFields', value: managedFields }];
  await client.patch(live.apiVersion, keyOf(live), patch, 'json', { fieldManager: 'oracle' });
}

/** Applies manifests by one run of kubectl; what it is refused shows in the objects. */
async function kubectlApply(
  { kubectlPath, kubeconfigPath }: Oracle,
  namespace: string,
  cases: readonly Case[],
  flags: readonly string[],
): Promise<string> {
  if (cases.length === 0) return '';
  const list = {
    apiVersion: 'v1',
    kind: 'List',
    items: cases.map(({ desired }) => placed(desired, namespace)),
  };
  const words = [`--kubeconfig=${kubeconfigPath}`, 'apply', ...flags, '-f', '-'];
  return await new Promise<string>((resolve, reject) => {
    const child = execFile(kubectlPath, words, { maxBuffer: 64 * 1024 * 1024 }, (error, _stdout, stderr) => {
      // Single objects may be refused; a run that never got to them says something else.
      if (error === null || /Error from server| is invalid: /.test(stderr)) resolve(stderr);
      else reject(new Error(`kubectl apply: ${stderr}`));
    });
    child.stdin?.end(formatJson(list));
  });
}

/** What is wrong with how a sync ended; undefined where nothing is. */
function faultOf(one: Case, expected: Manifest | undefined): string | undefined {
  const { live, after, refusal, ignored } = one;
  if (refusal !== undefined) {
    if (!isDeepStrictEqual(after?.metadata.managedFields, live?.metadata.managedFields)) {
      return `a refused sync changed the owners (${refusal})`;
    }
    const untouched = isDeepStrictEqual(comparable(live, one), comparable(expected, one));
    return untouched ? undefined : `only we were refused: ${refusal}`;
  }
  // What only a merge can bring about is refused to a server-side apply by kubectl, or there is nothing to refuse, as an
  // ignored field keeps a map from being emptied.
  const onlyUs = isDeepStrictEqual(comparable(expected, one), comparable(live, one));
  if (onlyUs && (one.merged || ignored.length > 0)) {
    return holds(after, one) ? undefined : 'an object that only we could write is not as desired';
  }
  if (!isDeepStrictEqual(comparable(after, one), comparable(expected, one))) return 'the objects differ';
  if (live === undefined) return undefined;
  const changed = ignored.filter(
    (pointer) => !isDeepStrictEqual(atPointer(after, pointer), atPointer(live, pointer)),
  );
  return changed.length === 0 ? undefined : `ignored fields changed: ${changed.join(', ')}`;
}

/** Whether an object has the parts of a manifest that make server-side applies be refused, and its labels. */
function holds(after: Manifest | undefined, { desired, ignored }: Case): boolean {
  const places = [
    ['metadata', 'labels'],
    ['spec', 'strategy', 'type'],
    ['spec', 'limits'],
  ];
  return places.every((path) => {
    if (ignored.some((pointer) => pointer.startsWith(`/${path.join('/')}`))) return true;
    const wanted = readPath(desired, path);
    return wanted === undefined || isSubset(wanted, readPath(after, path));
  });
}

function isSubset(part: unknown, whole: unknown): boolean {
  if (!isFields(part)) return isDeepStrictEqual(part, whole);
  return isFields(whole) && Object.entries(part).every(([name, child]) => isSubset(child, whole[name]));
}

function atPointer(value: unknown, pointer: string): unknown {
  const path = findPointer(value, pointer);
  return path === undefined ? undefined : readPath(value, path);
}

/** An object as both sides must have it: without what the API server counts, and without ignored fields. */
function comparable(object: Manifest | undefined, { ignored, writer, live }: Case): unknown {
  if (object === undefined) return undefined;
  const { status: _, ...content } = object;
  const { labels = {}, annotations = {} } = object.metadata;
  const { [lastApplied]: _copy, ...kept } = annotations;
  const bare = { ...content, metadata: { labels, annotations: kept } };
  // Addresses are given out one by one.
  const given = [
    ['spec', 'clusterIP'],
    ['spec', 'clusterIPs'],
  ];
  const pointers = live === undefined ? [] : ignored;
  const paths = pointers.map((pointer) => pointerSteps(pointer) ?? []);
  const rest = [...given, ...paths].reduce<unknown>(withoutPath, bare);
  return writer === 'kubectl-apply' ? inOrder(rest) : rest;
}

/** A value without a field, and without the maps that held nothing else. */
function withoutPath(value: unknown, path: readonly string[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return undefined;
  if (!isFields(value) || !(step in value)) return value;
  const { [step]: child, ...others } = value;
  const left = withoutPath(child, rest);
  const empty = left === undefined || (isFields(left) && Object.keys(left).length === 0);
  return empty ? others : { ...others, [step]: left };
}

/** Lists whose elements have names in the order of these: a merge on the client orders them in another way. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(inOrder).sort((a, b) => (formatJson(a) < formatJson(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, inOrder(child)]));
}
