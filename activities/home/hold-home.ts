import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { HomeControl } from '../../control/home/context.ts';
import { describeError, KeelsonError } from '../../core/errors.ts';
import { homeCluster } from '../../core/home/home-cluster.ts';
import {
  type HomeKindNews,
  type HomeKindState,
  type HomeKinds,
  nextKindState,
} from '../../core/home/kind-state.ts';
import { sameJson } from '../../core/object/json/canonical.ts';
import { anySignal } from '../../core/waiting/any-signal.ts';
import { findCluster } from '../../db/queries/cluster/cluster.ts';
import {
  asHomeSession,
  readHomeSession,
  saveHomeKinds,
  takeHomeSession,
} from '../../db/queries/home/home-session.ts';
import type { LeaseDeps, RegisteredCluster } from '../deps.ts';
import type { HomeMirror } from './home-mirror.ts';
import { mirrorKind } from './mirror-kind.ts';
import { mirroredKinds } from './mirrored-kinds.ts';
import { startStatusWriter } from './status/status-writer.ts';
import { turnOn, writeRows } from './turn-on/turn-on.ts';
import { checkAbsence, startUpkeep, waking } from './upkeep.ts';

/** A lease ends by itself after about this long: everything is listed anew then. */
const leaseMilliseconds = 6 * 60 * 60 * 1000;
const leaseJitter = 0.2;
const checkMilliseconds = 1000;
/** Every so many checks rows are looked for that no object tells of. */
const rowsEvery = 5;

export function homeActivities(deps: LeaseDeps) {
  return {
    /**
     * Mirrors the objects of the home cluster until the lease's age, its cancellation, another session, other settings or
     * another registration of the cluster end it. `bridged: false` ends the workflow too.
     */
    async holdHome(_: object): Promise<{ bridged: boolean }> {
      if (!deps.bridged) return { bridged: false };
      const { client } = await registeredHome(deps);
      const ending = new AbortController();
      const cancelled = Context.current().cancellationSignal;
      const signal = anySignal([cancelled, ending.signal, client.retired]);
      try {
        await serve(deps, await open(deps, client, signal), ending);
      } catch (error) {
        if (cancelled.aborted || !client.retired.aborted) throw error;
        // What failed was asked as somebody as whom the cluster isn't registered any more.
      } finally {
        ending.abort();
      }
      return { bridged: true };
    },
  };
}

async function registeredHome(deps: LeaseDeps): Promise<RegisteredCluster> {
  const row = await findCluster(deps.db, { server: homeCluster.server });
  const registered = row === undefined ? undefined : await deps.registeredCluster(row.id);
  if (registered !== undefined) return registered;
  throw new KeelsonError(
    'unavailable',
    `no cluster is registered as ${homeCluster.server}, so that its objects can't be mirrored: KEELSON_IN_CLUSTER_KUBECONFIG names the one`,
    { retryable: true },
  );
}

async function open(
  deps: LeaseDeps,
  client: RegisteredCluster['client'],
  signal: AbortSignal,
): Promise<HomeMirror> {
  const { db, engine, keyring, log, settings, homeNamespace, faults } = deps;
  const epoch = await takeHomeSession(db, { owner: deps.instance, version: deps.release });
  const control: HomeControl = {
    ...{ db, engine, keyring, log, settings },
    config: { controlPlaneNamespace: homeNamespace },
  };
  log.info({ epoch }, 'session of the home cluster opened');
  return { epoch, client, control, faults, signal, transaction: (write) => asHomeSession(db, epoch, write) };
}

async function serve(deps: LeaseDeps, mirror: HomeMirror, ending: AbortController): Promise<void> {
  const { signal, epoch } = mirror;
  const kinds = mirroredKinds(mirror);
  const states = createStates(deps, mirror, (await readHomeSession(deps.db))?.kinds);
  const namespaces = deps.settings.current().applicationNamespaces;
  const endAt = performance.now() + leaseMilliseconds * (1 - leaseJitter * Math.random());
  const isOver = (): boolean =>
    performance.now() >= endAt || !sameJson(namespaces, deps.settings.current().applicationNamespaces);
  await turnOn(mirror).catch(async (error: unknown) => {
    for (const { name } of kinds) states.report(name, { unavailable: describeError(error) });
    await states.settled();
    await checkAbsence(mirror, deps.homeLimits);
    throw error;
  });
  const upkeep = startUpkeep(mirror, deps.homeLimits);
  const statuses = startStatusWriter(mirror, deps);
  const watching = kinds.map((kind) =>
    mirrorKind(mirror, waking(kind, upkeep), (news) => {
      states.report(kind.name, news);
      if (typeof news !== 'string') upkeep.wake();
    }),
  );
  try {
    const failed = Promise.all(watching);
    failed.catch(() => {
      // Thrown by the race below; at the end of the session nobody races any more.
    });
    for (let round = 1; !signal.aborted && !isOver(); round++) {
      const pause = sleep(checkMilliseconds, undefined, { signal }).catch(() => {
        // The session is ending: the loop ends with it.
      });
      await Promise.race([pause, failed]);
      if (round % rowsEvery === 0 && !signal.aborted) await writeRows(mirror, { inConflict: false });
    }
  } finally {
    ending.abort();
    await Promise.allSettled([...watching, upkeep.stop(), statuses.stop()]);
    await states.settled();
    deps.log.info({ epoch }, 'session of the home cluster ended');
  }
}

/** Keeps how each kind stands, and stores what changes of it: one write at a time, the newest last. */
function createStates(deps: Pick<LeaseDeps, 'db' | 'log'>, { epoch }: HomeMirror, before: HomeKinds = {}) {
  const kinds = new Map<string, HomeKindState>(Object.entries(before));
  let saving: Promise<void> = Promise.resolve();
  return {
    report(name: string, news: HomeKindNews) {
      const before = kinds.get(name) ?? {};
      const now = nextKindState(before, news, new Date());
      if (sameJson(before, now)) return;
      kinds.set(name, now);
      const kept: HomeKinds = Object.fromEntries(kinds);
      saving = saving
        .then(() => saveHomeKinds(deps.db, epoch, kept))
        .catch((error: unknown) => {
          // The next change brings it; until then an older state stands.
          deps.log.warn({ error: String(error) }, 'state of the home cluster could not be stored');
        });
    },
    settled: () => saving,
  };
}
