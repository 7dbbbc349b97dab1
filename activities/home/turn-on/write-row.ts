import { isTaken } from '../../../control/home/overtaken.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { apiWrite } from '../../../core/home/home-cluster.ts';
import type { Origin } from '../../../core/home/incarnation.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import type { HomeMirror } from '../home-mirror.ts';

/** A row that no object tells of yet. */
type UntoldRow = {
  /** The object that it becomes. */
  readonly object: Manifest;
  /** Takes an object of its name in. */
  take(object: Manifest, origin: Extract<Origin, 'read' | 'write'>): Promise<unknown>;
  /** Has nothing synced by it, as no object can be made of it. */
  hold(reason: string): Promise<void>;
};

/** Writes a row as an object, create-only: where another has its name, that one is taken in and says what it comes to. */
export async function writeRow(
  { client, signal }: HomeMirror,
  { object, take, hold }: UntoldRow,
): Promise<void> {
  try {
    await take(await client.create(object, { ...apiWrite, signal }), 'write');
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.retryable) throw error;
    const live = isTaken(error) ? await client.get(object.apiVersion, keyOf(object), { signal }) : undefined;
    if (live !== undefined) await take(live, 'read');
    else await hold(`can't be written as an object: ${error.message}`);
  }
}
