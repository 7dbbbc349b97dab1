import { ownDefinitions } from '../../../bin/compose/definitions.ts';
import { installDefinitions } from '../../../cluster/installation/install-definitions.ts';
import type { ClusterClient } from '../../../cluster/request/client.ts';

/** Makes a cluster serve our own kinds; what is there stays. */
export async function installHomeKinds(client: ClusterClient): Promise<void> {
  await installDefinitions(client, await ownDefinitions(), { signal: AbortSignal.timeout(60_000) });
}
