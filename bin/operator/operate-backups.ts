import type { ControlPlaneChoice, ImportFlags, ImportOutcome, OperatorOfBackups } from '../../cli/command.ts';
import type { ClusterClient } from '../../cluster/request/client.ts';
import type { Homes } from '../../core/application/home.ts';
import { KeelsonError } from '../../core/errors.ts';
import {
  applicationNamespaces,
  type BackupKind,
  backedUp,
  backupKinds,
  backupName,
  backupVersions,
  isBackedUp,
  referencedSecrets,
} from '../../core/home/backup/backed-up.ts';
import { type ImportStep, planImport } from '../../core/home/backup/plan-import.ts';
import { importManager } from '../../core/object/managers.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { withOperatorCluster } from './operator-cluster.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** An object that changes all the time, as an application's status does, is tried so often. */
const mostTries = 5;

/** Reads and writes the objects of a control plane straight in its cluster; no role has to run. */
export function operatorOfBackups(env: Environment, signal: AbortSignal): OperatorOfBackups {
  const controlPlaneOf = ({ namespace }: ControlPlaneChoice) =>
    namespace ?? env['KEELSON_NAMESPACE'] ?? 'argocd';
  return {
    export: (choice) =>
      withOperatorCluster(env, choice, async (client) => {
        const { controlPlane, objects } = await readControlPlane(
          client,
          controlPlaneOf(choice),
          choice,
          [],
          signal,
        );
        return objects.map((object) => backedUp(object, controlPlane));
      }),
    import: (backup, choice, flags, tell) =>
      withOperatorCluster(env, choice, (client) =>
        importInto({ client, signal, flags, tell }, backup, controlPlaneOf(choice), choice),
      ),
  };
}

type Import = {
  readonly client: ClusterClient;
  readonly signal: AbortSignal;
  readonly flags: ImportFlags;
  readonly tell: (outcome: ImportOutcome) => void;
};

/** Object by object: one that is refused keeps none of the others from being brought back. */
async function importInto(
  { client, signal, flags, tell }: Import,
  backup: readonly Manifest[],
  controlPlane: string,
  choice: ControlPlaneChoice,
): Promise<void> {
  const { objects, homes } = await readControlPlane(client, controlPlane, choice, backup, signal);
  const plan = (some: readonly Manifest[], live: readonly Manifest[]) =>
    planImport(some, live, { homes, ...flags });
  for (const step of plan(backup, objects)) {
    signal.throwIfAborted();
    const outcome = { action: step.action, name: backupName(step.key) };
    try {
      if (!flags.dryRun) await carryOut(client, step, plan, signal);
      tell(step.action === 'skip' ? { ...outcome, reason: step.reason } : outcome);
    } catch (error) {
      if (!(error instanceof KeelsonError)) throw error;
      tell({ ...outcome, reason: error.message, failed: true });
    }
  }
}

type Plan = (backup: readonly Manifest[], live: readonly Manifest[]) => readonly ImportStep[];

async function carryOut(
  client: ClusterClient,
  step: ImportStep,
  plan: Plan,
  signal: AbortSignal,
): Promise<void> {
  const write = { fieldManager: importManager, signal };
  if (step.action === 'create') await client.create(step.object, write);
  if (step.action === 'prune') await prune(client, step.live, signal);
  if (step.action !== 'update') return;
  let next: ImportStep | undefined = step;
  for (let tries = 1; next?.action === 'update'; tries++) {
    try {
      await client.replace(next.object, write);
      return;
    } catch (error) {
      const moved = error instanceof KeelsonError && error.code === 'conflict';
      if (!moved || tries >= mostTries) throw error;
      const live = await client.get(step.object.apiVersion, step.key, { signal });
      next = plan([step.backup], live === undefined ? [] : [live]).find(({ action }) => action === 'update');
    }
  }
}

/** An application goes without what it deployed, and a set without its applications: a backup says nothing of those. */
async function prune(client: ClusterClient, live: Manifest, signal: AbortSignal): Promise<void> {
  const key = keyOf(live);
  if ((live.metadata.finalizers ?? []).length > 0 && live.kind === 'Application') {
    const none = { metadata: { finalizers: null } };
    await client.patch(live.apiVersion, key, none, 'merge', { fieldManager: importManager, signal });
  }
  await client.delete(live.apiVersion, key, { uid: live.metadata.uid, propagationPolicy: 'orphan', signal });
}

/** The objects that a backup holds, and where their control plane lets applications live. */
async function readControlPlane(
  client: ClusterClient,
  controlPlane: string,
  choice: ControlPlaneChoice,
  backup: readonly Manifest[],
  signal: AbortSignal,
): Promise<{ controlPlane: string; homes: Homes; objects: readonly Manifest[] }> {
  const settings = async (name: string): Promise<Manifest | undefined> =>
    backup.find((one) => one.kind === 'ConfigMap' && one.metadata.name === name) ??
    (await client.get('v1', { group: '', kind: 'ConfigMap', namespace: controlPlane, name }, { signal }));
  const patterns =
    choice.applicationNamespaces ?? applicationNamespaces(await settings('argocd-cmd-params-cm'));
  const homes = { controlPlane, patterns };
  const referenced = referencedSecrets(await settings('argocd-cm'));
  const all = await Promise.all(backupKinds.map((kind) => listKind(client, kind, homes, signal)));
  return { controlPlane, homes, objects: all.flat().filter((one) => isBackedUp(one, homes, referenced)) };
}

async function listKind(
  client: ClusterClient,
  kind: BackupKind,
  { controlPlane, patterns }: Homes,
  signal: AbortSignal,
): Promise<readonly Manifest[]> {
  const everywhere = patterns.length > 0 && (kind === 'Application' || kind === 'ApplicationSet');
  const resource = await client.resourceFor(backupVersions[kind], kind);
  const { items } = await client.list(resource, {
    ...(everywhere ? {} : { namespace: controlPlane }),
    signal,
  });
  return items;
}
