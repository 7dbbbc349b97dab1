import { setTimeout as sleep } from 'node:timers/promises';
import { conditionOf, textAt } from '../../core/object/json/field.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import type { ClusterClient } from '../request/client.ts';

const usualPatienceMs = 3000;
const pauseMs = 100;

/**
 * Waits until the API server serves the kind that a CustomResourceDefinition brings, and looks at what it serves anew,
 * so that the next objects find their kind. False when it took too long.
 */
export async function waitUntilEstablished(
  client: ClusterClient,
  definition: Manifest,
  signal: AbortSignal,
  patienceMs = usualPatienceMs,
): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  let established = false;
  while (!established && performance.now() < deadline) {
    const live = await client.get(definition.apiVersion, keyOf(definition), { signal });
    established = textAt(conditionOf(live, 'Established'), 'status') === 'True';
    if (!established) await sleep(pauseMs, undefined, { signal });
  }
  await client.discover({ refresh: true });
  return established;
}
