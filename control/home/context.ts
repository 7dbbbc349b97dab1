import type { ClusterClient } from '../../cluster/request/client.ts';
import type { Database } from '../../db/client.ts';
import type { Control } from '../context.ts';

/** What objects of the home cluster are taken in with. */
export type HomeControl = Pick<Control, 'config' | 'db' | 'engine' | 'keyring' | 'log' | 'settings'>;

/** Runs writes in one transaction; throws `fenced` where whoever asks may not write any more. */
export type Transaction = <T>(write: (tx: Database) => Promise<T>) => Promise<T>;

/** What is asked of the home cluster to keep objects in it. */
export type HomeObjects = Pick<ClusterClient, 'create' | 'delete' | 'get' | 'replace'>;
