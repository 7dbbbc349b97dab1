import { KeelsonError } from '../../core/errors.ts';
import { textAt } from '../../core/object/json/field.ts';
import { definitionManager } from '../../core/object/managers.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { changeManagers } from '../apply/change-managers.ts';
import { waitUntilEstablished } from '../discovery/established.ts';
import type { ClusterClient } from '../request/client.ts';

/** What became of one definition; `kept` is one that somebody else installed, which serves the kind as well. */
export type InstalledDefinition = { readonly name: string; readonly outcome: 'applied' | 'kept' };

export type InstallOptions = {
  readonly signal: AbortSignal;
  /** Takes definitions over that others have installed; without it they stay as they are. */
  readonly takeOver?: boolean;
};

/** An API server takes a second, and a busy one, or one that starts, many more. */
const patienceMs = 30_000;

/**
 * Installs the definitions of our kinds and waits until the API server serves them all. It may be called at every start
 * and by several processes at once. A definition that somebody else has installed stays: another controller may live by
 * it, and a mixture of two schemas would be nobody's.
 */
export async function installDefinitions(
  client: ClusterClient,
  definitions: readonly Manifest[],
  { signal, takeOver = false }: InstallOptions,
): Promise<readonly InstalledDefinition[]> {
  const installed = await Promise.all(
    definitions.map((definition) => installOne(client, definition, takeOver, signal)),
  );
  await Promise.all(definitions.map((definition) => untilServed(client, definition, signal)));
  return installed;
}

async function installOne(
  client: ClusterClient,
  definition: Manifest,
  takeOver: boolean,
  signal: AbortSignal,
): Promise<InstalledDefinition> {
  const { name } = keyOf(definition);
  const live = await client.get(definition.apiVersion, keyOf(definition), { signal });
  if (live === undefined || isOurs(live)) {
    await client.applyServerSide(definition, { fieldManager: definitionManager, signal });
    return { name, outcome: 'applied' };
  }
  if (!takeOver) return { name, outcome: 'kept' };
  await replaceWhole(client, definition, live, signal);
  await client.applyServerSide(definition, { fieldManager: definitionManager, signal });
  return { name, outcome: 'applied' };
}

/** Puts ours in the place of another one: an apply over it would leave what only the other schema says. */
async function replaceWhole(
  client: ClusterClient,
  definition: Manifest,
  { metadata: { resourceVersion = '' } }: Manifest,
  signal: AbortSignal,
): Promise<void> {
  const metadata = { ...definition.metadata, resourceVersion };
  const replaced = await client.replace(
    { ...definition, metadata },
    { fieldManager: definitionManager, signal },
  );
  // Former owners of fields that both schemas have would keep them in place once ours has them no longer.
  await changeManagers(client, replaced, signal, (entries) => ({
    managedFields: entries.filter((entry) => textAt(entry, 'subresource') !== ''),
    from: [],
  }));
}

function isOurs({ metadata: { managedFields = [] } }: Manifest): boolean {
  return managedFields.some((entry) => textAt(entry, 'manager') === definitionManager);
}

async function untilServed(client: ClusterClient, definition: Manifest, signal: AbortSignal): Promise<void> {
  if (await waitUntilEstablished(client, definition, signal, patienceMs)) return;
  const { name } = keyOf(definition);
  throw new KeelsonError(
    'unavailable',
    `definition ${name} was not established within ${patienceMs / 1000} s; kubectl describe crd ${name} says why`,
    { retryable: true },
  );
}
