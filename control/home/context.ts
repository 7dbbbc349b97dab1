import type { ClusterClient } from '../../cluster/request/client.ts';
import { homeInitiator } from '../../core/sync/operation/initiator.ts';
import type { Database } from '../../db/client.ts';
import type { Author, Control } from '../context.ts';

/** What objects of the home cluster are taken in with. */
export type HomeControl = Pick<Control, 'config' | 'db' | 'engine' | 'keyring' | 'log' | 'settings'>;

/** Whoever has changed an object of the home cluster, as the audit tells of them. */
export const homeAuthor: Author = { by: homeInitiator, address: '' };

/** Runs writes in one transaction; throws `fenced` where whoever asks may not write any more. */
export type Transaction = <T>(write: (tx: Database) => Promise<T>) => Promise<T>;

/** What is asked of the home cluster to keep objects in it. */
export type HomeObjects = Pick<ClusterClient, 'create' | 'delete' | 'get' | 'replace'>;
