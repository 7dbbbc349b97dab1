import { join } from 'node:path';
import { ownName } from '../../cluster/installation/own-name.ts';
import { createClusterClient } from '../../cluster/request/client.ts';
import type { ClusterCredentials } from '../../cluster/request/credentials.ts';
import { describeError } from '../../core/errors.ts';
import type { UpOptions } from './options.ts';
import { sampleName, samplePath } from './sample.ts';

const answerMilliseconds = 5000;

/** Says which cluster a start is about to use, as whom, and what it will do there: before it does anything. */
export async function introduce(
  credentials: ClusterCredentials,
  { demo, stateDir }: Pick<UpOptions, 'demo' | 'stateDir'>,
): Promise<string> {
  const sample = demo
    ? `; the sample application ${sampleName} makes namespace ${sampleName} and syncs into it, with pruning, the folder ` +
      `${samplePath} of ${join(stateDir, 'sample')} (--no-demo leaves it out)`
    : '';
  return [
    `cluster ${credentials.server}, context ${credentials.name}, ${await userOf(credentials)}`,
    'Keelson reads all of this cluster, marks it with a Lease, and creates, changes, prunes and deletes there what its ' +
      `applications say${sample}`,
  ].join('\n');
}

async function userOf(credentials: ClusterCredentials): Promise<string> {
  const client = createClusterClient(credentials);
  try {
    return `user ${await ownName(client, AbortSignal.timeout(answerMilliseconds))}`;
  } catch (error) {
    // An older API server doesn't tell; that is no reason not to start.
    return `a user whom the cluster doesn't name (${describeError(error)})`;
  } finally {
    // Not waited for: it would wait in turn for a connection that a silent server never completes.
    client.close().catch(() => {});
  }
}
