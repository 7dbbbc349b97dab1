import { type ClusterClient, createClusterClient } from '../cluster/request/client.ts';
import { ClusterCredentials } from '../cluster/request/credentials.ts';
import { describeError, KeelsonError } from '../core/errors.ts';
import { sameJson } from '../core/object/json/canonical.ts';
import type { Database } from '../db/client.ts';
import type { ChangeHub } from '../db/listen.ts';
import {
  type ClusterRegistration,
  openClusterCredentials,
  registrationsOf,
} from '../db/queries/cluster/cluster.ts';
import type { Keyring } from '../platform/encryption.ts';
import type { Logger } from '../platform/logger.ts';
import type { RegisteredCluster } from './deps.ts';

/** The clients of registered clusters that a process shares, one for each cluster as it is registered. */
export type ClusterClients = {
  /** Throws `not-found` when the cluster isn't registered. */
  clientFor(clusterId: string): Promise<ClusterClient>;
  registered(clusterId: string): Promise<RegisteredCluster | undefined>;
  close(): Promise<void>;
};

export type ClusterClientsOptions = {
  readonly db: Database;
  readonly changes: ChangeHub;
  readonly keyring: Keyring;
  readonly log: Logger;
  /** How long a missed announcement can keep an old registration in use. */
  readonly pollMilliseconds?: number;
};

const defaultPollMilliseconds = 5000;

/** What clients are made of, with the sealed credentials opened: sealing them anew changes nothing. */
type Scope = Omit<ClusterRegistration, 'credentials'> & { readonly credentials: unknown };

type Opened = RegisteredCluster & { readonly sealed: Buffer; readonly scope: Scope };

/**
 * Opens clients when they are first asked for. One whose cluster is registered differently, or not at all, makes no
 * further request: whoever uses it fails with a reason to try again, and is given its successor then.
 */
export function openClusterClients(options: ClusterClientsOptions): ClusterClients {
  const { db, changes, keyring, log, pollMilliseconds = defaultPollMilliseconds } = options;
  const clients = new Map<string, Promise<Opened | undefined>>();

  const open = async (clusterId: string): Promise<Opened | undefined> => {
    const [row] = await registrationsOf(db, [clusterId]);
    if (row === undefined) return undefined;
    const scope = scopeOf(keyring, row);
    const client = createClusterClient(ClusterCredentials.parse(scope.credentials));
    return { address: { name: row.name, server: row.server }, client, sealed: row.credentials, scope };
  };

  const registered = async (clusterId: string): Promise<Opened | undefined> => {
    const known = clients.get(clusterId);
    if (known !== undefined) return known;
    const opening = open(clusterId);
    clients.set(clusterId, opening);
    const forget = (): void => {
      if (clients.get(clusterId) === opening) clients.delete(clusterId);
    };
    opening.then((found) => found ?? forget(), forget);
    return opening;
  };

  const look = async (): Promise<void> => {
    // Opened before the rows are read: none of them is older than what it is compared with.
    const held = await Promise.all([...clients.values()].map((opening) => opening.catch(() => undefined)));
    const known = held.flatMap((opened) => opened ?? []);
    const rows = await registrationsOf(
      db,
      known.map(({ scope }) => scope.id),
    );
    for (const opened of known) {
      const { id: clusterId } = opened.scope;
      const row = rows.find(({ id }) => id === clusterId);
      try {
        if (isAsRegistered(keyring, opened, row)) continue;
        clients.delete(clusterId);
        opened.client.retire(replacedError(opened, row !== undefined));
        log.info({ clusterId, cluster: opened.address.name }, 'client of the cluster was retired');
      } catch (error) {
        // Safe: what can't be read is no other registration, so the one in use stays.
        log.warn({ clusterId, error: describeError(error) }, 'registration of the cluster could not be read');
      }
    }
  };

  let looking: Promise<void> = Promise.resolve();
  let isDue = false;
  /** One after the other; those that are asked for meanwhile share the next. */
  const lookSoon = (): void => {
    if (isDue || clients.size === 0) return;
    isDue = true;
    looking = looking
      .then(() => {
        isDue = false;
        return look();
      })
      .catch((error: unknown) => {
        log.warn({ error: describeError(error) }, 'registrations of clusters could not be read');
      });
  };

  const listener = changes.listen({
    log,
    onChange: ({ topic }) => topic === 'cluster' && lookSoon(),
    onGap: lookSoon,
  });
  const timer = setInterval(lookSoon, pollMilliseconds);
  timer.unref();

  return {
    registered,
    async clientFor(clusterId) {
      const opened = await registered(clusterId);
      if (opened !== undefined) return opened.client;
      throw new KeelsonError('not-found', `cluster ${clusterId} is not registered any more; add it again`);
    },
    async close() {
      clearInterval(timer);
      await listener.close();
      await looking;
    },
  };
}

function scopeOf(keyring: Keyring, row: ClusterRegistration): Scope {
  return { ...row, credentials: openClusterCredentials(keyring, row) };
}

function isAsRegistered(keyring: Keyring, opened: Opened, now: ClusterRegistration | undefined): boolean {
  if (now === undefined) return false;
  const { credentials: _, ...plain } = opened.scope;
  const { credentials, ...plainNow } = now;
  if (!sameJson(plain, plainNow)) return false;
  return opened.sealed.equals(credentials) || sameJson(opened.scope, scopeOf(keyring, now));
}

function replacedError({ address }: RegisteredCluster, isRegistered: boolean): KeelsonError {
  const what = isRegistered ? 'is registered differently now' : 'is not registered any more';
  return new KeelsonError(
    'unavailable',
    `cluster ${address.name} ${what}; this is tried again with what holds now`,
    {
      retryable: true,
    },
  );
}
