import { formatJson, parseJson } from '../core/object/json/json.ts';
import { namespaceOf, splitName } from '../core/wire/requests/application-name.ts';
import * as applications from '../core/wire/requests/applications.ts';
import * as installation from '../core/wire/requests/installation.ts';
import * as operations from '../core/wire/requests/operations.ts';
import type { ApiRequest, Query, Replies, ReplyName } from '../core/wire/requests/request.ts';
import * as sources from '../core/wire/requests/sources.ts';
import type { SyncBody } from '../core/wire/sync.ts';
import { ApiError, readApiError } from './api-error.ts';

/** Fired on the window when the server no longer knows who is asking. */
export const unauthenticatedEvent = 'keelson:unauthenticated';

/** How an application is deleted. */
export type DeleteMode = 'foreground' | 'background' | 'orphan';

type Reply<Name extends ReplyName> = Promise<Replies[Name]>;

/** What the list shows of an application; leaving the rest out keeps a list of thousands small. */
const listFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.labels',
  'metadata.creationTimestamp',
  'metadata.deletionTimestamp',
  'metadata.resourceVersion',
  'spec',
  'operation',
  'status.controllerNamespace',
  'status.sync.status',
  'status.sync.revision',
  'status.sync.revisions',
  'status.health',
  'status.conditions',
  'status.operationState',
  'status.reconciledAt',
  'status.sourceType',
  'status.sourceTypes',
  'status.summary',
];

export function getSettings(): Reply<'ServerSettings'> {
  return request(installation.serverSettings());
}

export function getVersion(): Reply<'Version'> {
  return request(installation.version());
}

export function getAccount(): Reply<'UserInfo'> {
  return request(installation.userInfo());
}

export function logIn(username: string, password: string): Reply<'Token'> {
  return request(installation.login({ username, password }));
}

export function logOut(): Reply<'Empty'> {
  return request(installation.logout());
}

export function listApplications(signal?: AbortSignal): Reply<'ApplicationList'> {
  return request(applications.listApplications({}, listFields), signal);
}

/** Changes of all applications after a resource version, with the fields of the list. */
export function applicationsStream(resourceVersion: string | undefined): string {
  const fields = ['result.type', ...listFields.map((field) => `result.application.${field}`)].join(',');
  return address('api/v1/stream/applications', { resourceVersion, fields });
}

/** Changes of one application, starting with its present state. */
export function applicationStream(name: string): string {
  return address('api/v1/stream/applications', { ...namespaceOf(name), name: splitName(name).name });
}

export function getApplication(name: string, signal?: AbortSignal): Reply<'Application'> {
  return request(applications.getApplication(name), signal);
}

/** Compares an application anew, and answers with what came of it. */
export function refreshApplication(name: string, refresh: 'normal' | 'hard'): Reply<'Application'> {
  return request(applications.getApplication(name, { refresh }));
}

export function createApplication(application: unknown): Reply<'Application'> {
  return request(applications.createApplication(application));
}

export function syncApplication(name: string, body: SyncBody): Reply<'Application'> {
  return request(operations.sync(name, body));
}

/** Brings back what an entry of the history deployed. */
export function rollbackApplication(name: string, id: number, prune: boolean): Reply<'Application'> {
  return request(operations.rollback(name, { id, prune }));
}

export function terminateOperation(name: string): Reply<'Empty'> {
  return request(operations.terminate(name));
}

export function deleteApplication(name: string, mode: DeleteMode): Reply<'Empty'> {
  const choice = mode === 'orphan' ? { cascade: false } : { cascade: true, propagationPolicy: mode };
  return request(applications.deleteApplication(name, choice));
}

export function getResourceTree(name: string, signal?: AbortSignal): Reply<'ResourceTree'> {
  return request(applications.resourceTree(name), signal);
}

/** The whole tree, at once and after each change. */
export function resourceTreeStream(name: string): string {
  const path = `api/v1/stream/applications/${encodeURIComponent(splitName(name).name)}/resource-tree`;
  return address(path, namespaceOf(name));
}

export function getManagedResources(
  name: string,
  only?: applications.ObjectRef,
  signal?: AbortSignal,
): Reply<'ResourceDiffList'> {
  const { group, kind, namespace, name: object } = only ?? {};
  return request(applications.managedResources(name, { group, kind, namespace, name: object }), signal);
}

export function getLiveManifest(
  name: string,
  object: applications.ObjectRef,
  signal?: AbortSignal,
): Reply<'LiveManifest'> {
  return request(applications.liveManifest(name, object), signal);
}

export function listResourceActions(
  name: string,
  object: applications.ObjectRef,
  signal?: AbortSignal,
): Reply<'ActionList'> {
  return request(applications.listActions(name, object), signal);
}

export function runResourceAction(
  name: string,
  object: applications.ObjectRef,
  action: applications.ActionChoice,
): Reply<'Empty'> {
  return request(applications.runAction(name, object, action));
}

/** Approves the deletions that the running operation waits with, and those it still comes to. */
export function confirmDeletion(name: string): Reply<'Application'> {
  return request(applications.confirmDeletion(name));
}

export function listOperations(name: string, limit: number, signal?: AbortSignal): Reply<'OperationList'> {
  return request(operations.listOperations(name, limit), signal);
}

export function getOperation(name: string, id: string, signal?: AbortSignal): Reply<'OperationView'> {
  return request(operations.getOperation(name, id), signal);
}

export function listProjects(): Reply<'ProjectList'> {
  return request(installation.listProjects());
}

export function listClusters(): Reply<'ClusterList'> {
  return request(installation.listClusters());
}

export function listRepositories(): Reply<'RepositoryList'> {
  return request(sources.listRepositories());
}

function address(path: string, query: Query = {}): string {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value ?? []].flat()) url.searchParams.append(name, one);
  }
  return url.toString();
}

/** The server's own replies are believed as they come: the tests of the API hold them to the contract. */
async function request<Name extends ReplyName>(asked: ApiRequest<Name>, signal?: AbortSignal): Reply<Name> {
  const { method, path, query, body } = asked;
  const response = await send(address(path, query), {
    method,
    credentials: 'same-origin',
    // The server refuses other content types on anything but GET, bodies or not.
    headers: method === 'GET' ? {} : { 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: formatJson(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  if (!response.ok) throw refusal(response.status, text, path);
  return parseJson(text === '' ? '{}' : text) as Replies[Name];
}

/** Fetches, and tells "no answer" from a refusal. An abort passes through as it is. */
export async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new ApiError(0, 'the server cannot be reached; check that it runs and that you are online');
  }
}

function refusal(status: number, text: string, path: string): ApiError {
  if (status === 401 && path !== 'api/v1/session') window.dispatchEvent(new Event(unauthenticatedEvent));
  return readApiError(status, text);
}
