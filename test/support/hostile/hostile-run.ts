import { expect } from 'vitest';
import { isFinished } from '../../../core/sync/operation/operation.ts';
import type { OperationView } from '../../../core/wire/operation.ts';
import { pollUntil } from '../../../local/poll.ts';
import { applicationOf, configMap, yamlOf } from '../keelson/applications.ts';
import type { TestKeelson } from '../keelson/keelson.ts';
import type { HostileCommit } from './hostile-commits.ts';

/** An application that was made of a hostile commit, and what became of it. */
type Outcome = { readonly sort: string; readonly fault: string };

/** Creates a healthy application and answers with the seconds that each of its syncs takes. */
export async function healthyApplication(keelson: TestKeelson, name: string) {
  const repository = await keelson.gitServer.createRepository(name, {
    'a.yaml': yamlOf(configMap(name, { a: '1' })),
  });
  await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name }));
  return async (): Promise<number> => {
    const startedAt = performance.now();
    expect(await keelson.sync(name, {}, 60)).toMatchObject({ phase: 'Succeeded' });
    return (performance.now() - startedAt) / 1000;
  };
}

/** Creates an application of each commit, all at once; answers with their names. */
export async function createHostile(
  keelson: TestKeelson,
  commits: readonly HostileCommit[],
): Promise<string[]> {
  return await Promise.all(
    commits.map(async ({ sort, files }) => {
      const name = `hostile-${sort}`;
      const { url } = await keelson.gitServer.createRepository(name, files);
      await keelson.create(applicationOf({ name, repoURL: url, namespace: name }));
      return name;
    }),
  );
}

/** What is wrong with what became of an application: nothing may be without an end or without a word. */
export async function outcomeOf(keelson: TestKeelson, name: string): Promise<Outcome | undefined> {
  const fault = (words: string): Outcome => ({ sort: name, fault: words });
  const operation = await keelson.sync(name, {}, 90).catch((error: unknown) => String(error));
  if (typeof operation === 'string') return fault(`its sync has no end: ${operation.slice(0, 200)}`);
  if (operation.phase !== 'Succeeded' && (operation.message ?? '') === '')
    return fault('its sync says nothing');
  if (/Failed query|internal error/.test(operation.message ?? '')) return fault(operation.message ?? '');
  const isJudged = async (): Promise<boolean> => {
    const { status } = await keelson.client.applications.get(name);
    return status?.sync?.status !== 'Unknown' || (status.conditions?.length ?? 0) > 0;
  };
  const judged = await pollUntil(`state or condition of ${name}`, 30, isJudged).then(
    () => true,
    () => false,
  );
  return judged ? undefined : fault('it is Unknown without a condition');
}

/** Retried for ever, and far apart: between two attempts an operation lives on with what it met. */
const forEver = { limit: -1, refresh: true, backoff: { duration: '600s', factor: 1, maxDuration: '600s' } };

/** Asks each for a sync that is tried for ever; answers with the names of those that failed and go on. */
export async function failForEver(
  keelson: TestKeelson,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const requested = await Promise.all(
    names.map(async (name) => {
      const id = await keelson.request(name, { retryStrategy: forEver });
      let view: OperationView | undefined;
      await pollUntil(`first attempt of ${name}`, 90, async () => {
        view = await keelson.client.operations.get(name, id);
        return isFinished(view.phase) || view.attempt > 1;
      });
      return [name, id, view] as const;
    }),
  );
  const live = requested.filter(([, , view]) => view !== undefined && !isFinished(view.phase));
  return new Map(live.map(([name, id]) => [name, id]));
}

/** Deletes applications and waits until all are gone. */
export async function deleteAll(keelson: TestKeelson, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => keelson.client.applications.delete(name, {})));
  await pollUntil('deletion of all', 120, async () => {
    const left = await keelson.client.applications.list();
    return left.every(({ metadata }) => !names.includes(metadata.name));
  });
}
