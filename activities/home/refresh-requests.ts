import { requestRefresh } from '../../control/application/request-refresh.ts';
import { KeelsonError } from '../../core/errors.ts';
import { applicationKey, applicationVersion } from '../../core/home/application-object.ts';
import { apiManager } from '../../core/home/home-cluster.ts';
import { refreshAnnotation } from '../../core/object/annotations.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { ownField } from '../../core/own-field.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { readDirty } from '../../db/queries/application/refresh-request.ts';
import { repeat } from '../operation/repeat.ts';
import type { HomeMirror } from './home-mirror.ts';

const pollMilliseconds = 300;

/** A refresh that an object asks for, and the number that its comparison will have. */
type OpenRequest = {
  readonly row: Pick<ApplicationRow, 'id' | 'namespace' | 'name' | 'clusterId'>;
  readonly level: string;
  readonly generation: number;
};

/** Refreshes that are asked for by an annotation, which is taken off when they are done. */
export type RefreshRequests = {
  /** Requests the refresh that an object wants of its application, unless that is under way. */
  note(object: Manifest, row: ApplicationRow): Promise<void>;
};

/** Keeps the requests in memory: the annotation stands until it is done, and whoever comes next finds it. */
export function openRefreshRequests(mirror: HomeMirror): RefreshRequests {
  const { control, signal } = mirror;
  const open = new Map<string, OpenRequest>();
  const polling = repeat(
    { name: 'refreshes by annotation', milliseconds: pollMilliseconds, log: control.log },
    async () => {
      for (const [id, request] of open) {
        if (!(await isDone(mirror, request))) continue;
        await takeOff(mirror, request);
        if (open.get(id) === request) open.delete(id);
      }
    },
  );
  signal.addEventListener('abort', () => void polling.stop(), { once: true });
  return {
    async note({ metadata: { annotations = {} } }, row) {
      const level = ownField(annotations, refreshAnnotation);
      if (level === undefined) return void open.delete(row.id);
      if (open.get(row.id)?.level === level) return;
      const generation = await requestRefresh(control, row, { hard: level === 'hard' });
      open.set(row.id, { row, level, generation });
    },
  };
}

/** Where no cluster is there to compare with, the render is all that can be had. */
async function isDone({ control: { db } }: HomeMirror, { row, generation }: OpenRequest): Promise<boolean> {
  const dirty = await readDirty(db, row.id);
  if (dirty === undefined) return true;
  const { comparedGeneration, renderedGeneration } = dirty;
  return (row.clusterId === null ? renderedGeneration : comparedGeneration) >= generation;
}

/** Takes the annotation off as it was taken up: another request that has come meanwhile stays. */
async function takeOff({ client, signal }: HomeMirror, { row, level }: OpenRequest): Promise<void> {
  const path = `/metadata/annotations/${refreshAnnotation.replace('/', '~1')}`;
  const patch = [
    { op: 'test', path, value: level },
    { op: 'remove', path },
  ];
  try {
    const options = { fieldManager: apiManager, signal };
    await client.patch(applicationVersion, applicationKey(row), patch, 'json', options);
  } catch (error) {
    // It is gone, or asks for something else by now, which the watch tells.
    if (!(error instanceof KeelsonError) || error.retryable) throw error;
  }
}
