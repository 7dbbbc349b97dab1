import type { RollbackBody, SyncBody } from '../sync.ts';
import { applicationPath, namespaceOf, splitName } from './application-name.ts';
import type { ApiRequest } from './request.ts';

/** Asks for a sync. */
export function sync(name: string, body: SyncBody): ApiRequest<'Application'> {
  return start(name, 'sync', body);
}

/** Asks for what an entry of the history deployed. */
export function rollback(name: string, body: RollbackBody): ApiRequest<'Application'> {
  return start(name, 'rollback', body);
}

function start(name: string, how: 'sync' | 'rollback', asked: object): ApiRequest<'Application'> {
  const body = { name: splitName(name).name, ...namespaceOf(name), ...asked };
  return { method: 'POST', path: `${applicationPath(name)}/${how}`, body, reply: 'Application' };
}

/** Ends the running operation. */
export function terminate(name: string): ApiRequest<'Empty'> {
  const path = `${applicationPath(name)}/operation`;
  return { method: 'DELETE', path, query: namespaceOf(name), reply: 'Empty' };
}

/** Whether a manual sync is allowed now. */
export function syncWindows(name: string): ApiRequest<'SyncWindows'> {
  const path = `${applicationPath(name)}/syncwindows`;
  return { method: 'GET', path, query: namespaceOf(name), reply: 'SyncWindows' };
}

/** The operations of an application, newest first. */
export function listOperations(name: string, limit?: number): ApiRequest<'OperationList'> {
  const query = { ...namespaceOf(name), limit: limit === undefined ? undefined : String(limit) };
  return { method: 'GET', path: `${applicationPath(name)}/operations`, query, reply: 'OperationList' };
}

/** One operation in full. */
export function getOperation(name: string, id: string): ApiRequest<'OperationView'> {
  const path = `${applicationPath(name)}/operations/${encodeURIComponent(id)}`;
  return { method: 'GET', path, query: namespaceOf(name), reply: 'OperationView' };
}
