import type { ClusterClient } from '../../../cluster/request/client.ts';
import { type FoundAbsence, noteAbsence } from '../../../control/home/absence.ts';
import { mapBounded } from '../../../core/bounded.ts';
import { describeError, KeelsonError } from '../../../core/errors.ts';
import { judgeAbsence, type Presence, unavailableWords } from '../../../core/home/absence/absence.ts';
import { applicationKey, applicationVersion } from '../../../core/home/application-object.ts';
import type { ResourceKey } from '../../../core/object/key.ts';
import type { MirroredApplication } from '../../../db/queries/home/object-deletion.ts';
import type { HomeMirror } from '../home-mirror.ts';

const looksAtOnce = 8;
const definitionKey = {
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  namespace: '',
  name: 'applications.argoproj.io',
};

/** What was found by asking for something by itself. */
type Found = { readonly presence: Presence; readonly reason: string };

/** Asks for objects that a list lacks, each by itself, and records what their absence means. */
export async function checkMissing(
  mirror: HomeMirror,
  applications: readonly MirroredApplication[],
): Promise<void> {
  if (applications.length === 0) return;
  const { control, transaction } = mirror;
  const look = openCheck(mirror);
  await mapBounded(applications, looksAtOnce, async (application) => {
    await noteAbsence(control, transaction, application, await look(application));
  });
}

/** A look at several applications at one time: what they have in common is asked for once. */
function openCheck({ client, signal }: HomeMirror): (one: MirroredApplication) => Promise<FoundAbsence> {
  const ask = (apiVersion: string, key: ResourceKey) => presenceOf(client, apiVersion, key, signal);
  let definition: Promise<Found> | undefined;
  const namespaces = new Map<string, Promise<Found>>();
  return async (application) => {
    const object = await ask(applicationVersion, applicationKey(application));
    if (object.presence === 'there') return undefined;
    definition ??= ask('apiextensions.k8s.io/v1', definitionKey);
    const name = application.namespace;
    const known = namespaces.get(name) ?? ask('v1', { group: '', kind: 'Namespace', namespace: '', name });
    namespaces.set(name, known);
    return absenceOf({ object, definition: await definition, namespace: await known });
  };
}

function absenceOf(found: {
  readonly object: Found;
  readonly definition: Found;
  readonly namespace: Found;
}): FoundAbsence {
  const { object, definition, namespace } = found;
  const state = judgeAbsence({
    object: object.presence,
    definition: definition.presence,
    namespace: namespace.presence,
  });
  if (state === undefined) return undefined;
  if (state === 'Detached') {
    return {
      state,
      message:
        'the object is gone from the home cluster; nothing is synced or pruned, and the resources stay when the row closes',
    };
  }
  const reason = [definition, namespace, object].find(({ presence }) => presence !== 'there')?.reason ?? '';
  return { state, message: unavailableWords(reason) };
}

/** What is going counts as gone: what is in it goes with it. */
async function presenceOf(
  client: ClusterClient,
  apiVersion: string,
  key: ResourceKey,
  signal: AbortSignal,
): Promise<Found> {
  const what = `${key.kind} ${key.namespace === '' ? '' : `${key.namespace}/`}${key.name}`;
  try {
    const live = await client.get(apiVersion, key, { signal });
    if (live === undefined) return { presence: 'missing', reason: `${what} is gone` };
    const isGoing = live.metadata.deletionTimestamp !== undefined && key.kind !== 'Application';
    return isGoing
      ? { presence: 'missing', reason: `${what} is being deleted` }
      : { presence: 'there', reason: '' };
  } catch (error) {
    if (signal.aborted || !(error instanceof KeelsonError)) throw error;
    return { presence: 'unreadable', reason: describeError(error) };
  }
}
