import { applicationManifest } from '../../../core/application/manifest.ts';
import { mapBounded } from '../../../core/bounded.ts';
import { describeError, KeelsonError } from '../../../core/errors.ts';
import { applicationKey, applicationVersion } from '../../../core/home/application-object.ts';
import { statusPatch } from '../../../core/home/status/status-patch.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import type { ChangeHub } from '../../../db/listen.ts';
import { mirroredApplications } from '../../../db/queries/home/object-deletion.ts';
import { type StatusSource, statusSources } from '../../../db/queries/home/status-source.ts';
import { createLimiter } from '../../../platform/limiter.ts';
import type { HomeMirror } from '../home-mirror.ts';
import { createPacer } from './pacer.ts';

/** Under this name Keelson owns what it tells objects of. */
const statusManager = 'keelson-status';
/** An object is written at most once in this time, and after a failure not sooner than the other. */
const paceMilliseconds = 1000;
const retryMilliseconds = 5000;
const writesAtOnce = 10;
/** Applications whose rows are read together when all are compared. */
const comparedAtOnce = 100;

/**
 * Tells the objects of the home cluster what is observed of their applications, for as long as the session lasts: woken by
 * the change log, at most once a second for each object, and only where something differs from what stands there.
 */
export function startStatusWriter(
  mirror: HomeMirror,
  { changes }: { readonly changes: ChangeHub },
): { stop(): Promise<void> } {
  const { control, signal } = mirror;
  const { db, log } = control;
  const writes = createLimiter(writesAtOnce);
  const pacer = createPacer({
    paceMilliseconds,
    retryMilliseconds,
    work: (applicationId) => writes.run(() => write(mirror, applicationId), signal),
    onError(applicationId, error) {
      if (!signal.aborted) log.warn({ applicationId, error: describeError(error) }, 'status is told later');
    },
  });
  const compareAll = async (): Promise<void> => {
    try {
      for (const id of await differing(mirror)) pacer.schedule(id);
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ error: describeError(error) }, 'statuses of objects could not be compared at once');
      // What changed meanwhile can't be told apart: every object is looked at by itself.
      for (const { id } of await mirroredApplications(db)) pacer.schedule(id);
    }
  };
  const listener = changes.listen({
    log,
    onChange({ topic, type, applicationId }) {
      if (topic === 'application' && type !== 'DELETED' && applicationId !== null)
        pacer.schedule(applicationId);
    },
    onGap() {
      compareAll().catch((error: unknown) => {
        // Postgres is away: its next connection begins with another gap.
        log.warn({ error: describeError(error) }, 'statuses of objects are compared later');
      });
    },
  });
  return {
    async stop() {
      await listener.close();
      await pacer.stop();
    },
  };
}

async function write({ client, control, signal }: HomeMirror, applicationId: string): Promise<void> {
  const [source] = await statusSources(control.db, [applicationId]);
  if (source === undefined) return;
  const key = applicationKey(source.row);
  const live = await client.get(applicationVersion, key, { signal });
  // What is not there, or is another one by now, is told by the watch.
  if (live === undefined || live.metadata.uid !== source.row.homeUid) return;
  const patch = patchOf(source, live, control.config.controlPlaneNamespace);
  if (patch === undefined) return;
  const body = { ...patch, metadata: { uid: live.metadata.uid } };
  const options = { fieldManager: statusManager, fieldValidation: 'Ignore', signal } as const;
  try {
    await client.patch(applicationVersion, key, body, 'merge', options);
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.code !== 'not-found') throw error;
    // It has gone between the two requests.
  }
}

function patchOf({ record, refreshedAt }: StatusSource, live: Manifest, controlPlane: string) {
  const { status = {} } = applicationManifest(record, controlPlane);
  return statusPatch(live['status'], { status, refreshedAt });
}

/** Applications whose objects say something else than they should, by one list of all objects. */
async function differing({ client, control, signal }: HomeMirror): Promise<string[]> {
  const { db, config } = control;
  const applications = await mirroredApplications(db);
  if (applications.length === 0) return [];
  const resource = await client.resourceFor(applicationVersion, 'Application');
  const { items } = await client.list(resource, { signal });
  const byUid = new Map(items.map((object) => [object.metadata.uid, object]));
  const chunks = Array.from({ length: Math.ceil(applications.length / comparedAtOnce) }, (_, at) =>
    applications.slice(at * comparedAtOnce, (at + 1) * comparedAtOnce).map(({ id }) => id),
  );
  const found = await mapBounded(chunks, 1, async (ids) => {
    const sources = await statusSources(db, ids);
    return sources.filter((source) => {
      const live = byUid.get(source.row.homeUid ?? '');
      return live !== undefined && patchOf(source, live, config.controlPlaneNamespace) !== undefined;
    });
  });
  return found.flat().map(({ row }) => row.id);
}
