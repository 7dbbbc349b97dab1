import type { NewNotice } from '../../../control/settings/home-objects.ts';
import { describeError } from '../../../core/errors.ts';
import { waitsForAccept } from '../../../core/home/settings/notice.ts';
import type { HomeMirror } from '../home-mirror.ts';

/** Says what is to be known of an object as an Event of it, for those who look at it with `kubectl describe`. */
export async function noteOnObject(
  { client, control: { log } }: Pick<HomeMirror, 'client' | 'control'>,
  { ref, uid, notice }: NewNotice,
): Promise<void> {
  const { kind, namespace, name } = ref;
  const now = new Date().toISOString();
  try {
    await client.create({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { apiVersion: 'v1', kind, namespace, name, uid },
      type: waitsForAccept([notice]) ? 'Warning' : 'Normal',
      reason: notice.type,
      message: notice.message,
      source: { component: 'keelson' },
      reportingComponent: 'keelson',
      reportingInstance: '',
      firstTimestamp: now.replace(/\.\d+Z$/, 'Z'),
      lastTimestamp: now.replace(/\.\d+Z$/, 'Z'),
      count: 1,
    });
  } catch (error) {
    // The condition stands with the installation all the same; an Event is gone after an hour anyway.
    log.warn({ object: name, kind, error: describeError(error) }, 'Event of an object could not be written');
  }
}
