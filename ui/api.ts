import type { ActionOffer } from '../core/action/action.ts';
import type { Application } from '../core/application/spec/spec.ts';
import { formatJson, parseJson } from '../core/object/json/json.ts';
import type { OperationView } from '../core/wire/operation.ts';
import { ApiError, readApiError } from './api-error.ts';
import type {
  ApplicationEvent,
  Cluster,
  DeleteMode,
  List,
  NamedObject,
  NodeRef,
  Repository,
  ResourceDiff,
  ResourceTree,
  Settings,
  SyncBody,
  UserAccount,
  Version,
} from './api-types.ts';

/** Fired on the window when the server no longer knows who is asking. */
export const unauthenticatedEvent = 'keelson:unauthenticated';

type Query = Readonly<Record<string, string | readonly string[] | undefined>>;
type VersionedNode = NodeRef & { readonly version?: string };
type Options = { readonly query?: Query; readonly body?: unknown; readonly signal?: AbortSignal | undefined };

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

export function getSettings(): Promise<Settings> {
  return request('GET', 'api/v1/settings');
}

export function getVersion(): Promise<Version> {
  return request('GET', 'api/version');
}

export function getAccount(): Promise<UserAccount> {
  return request('GET', 'api/v1/session/userinfo');
}

export function logIn(username: string, password: string): Promise<{ token: string }> {
  return request('POST', 'api/v1/session', { body: { username, password } });
}

export function logOut(): Promise<unknown> {
  return request('DELETE', 'api/v1/session');
}

export function listApplications(signal?: AbortSignal): Promise<List<Application>> {
  const fields = listFields.map((field) => `items.${field}`).join(',');
  return request('GET', 'api/v1/applications', { query: { fields }, signal });
}

/** Changes of all applications after a resource version, with the fields of the list. */
export function applicationsStream(resourceVersion: string | undefined): string {
  const fields = ['result.type', ...listFields.map((field) => `result.application.${field}`)].join(',');
  return address('api/v1/stream/applications', { resourceVersion, fields });
}

/** Changes of one application, starting with its present state. */
export function applicationStream(name: string): string {
  return address('api/v1/stream/applications', { name });
}

export function getApplication(name: string, signal?: AbortSignal): Promise<Application> {
  return request('GET', applicationPath(name), { signal });
}

export function refreshApplication(name: string, mode: 'normal' | 'hard'): Promise<Application> {
  return request('GET', applicationPath(name), { query: { refresh: mode } });
}

export function createApplication(application: unknown): Promise<Application> {
  return request('POST', 'api/v1/applications', { body: application });
}

export function syncApplication(name: string, sync: SyncBody): Promise<Application> {
  return request('POST', `${applicationPath(name)}/sync`, { body: { name, ...sync } });
}

/** Brings back what an entry of the history deployed. */
export function rollbackApplication(name: string, id: number, prune: boolean): Promise<Application> {
  return request('POST', `${applicationPath(name)}/rollback`, { body: { name, id, prune } });
}

export function terminateOperation(name: string): Promise<unknown> {
  return request('DELETE', `${applicationPath(name)}/operation`);
}

export function deleteApplication(name: string, mode: DeleteMode): Promise<unknown> {
  const query = mode === 'orphan' ? { cascade: 'false' } : { cascade: 'true', propagationPolicy: mode };
  return request('DELETE', applicationPath(name), { query });
}

export function getResourceTree(name: string, signal?: AbortSignal): Promise<ResourceTree> {
  return request('GET', `${applicationPath(name)}/resource-tree`, { signal });
}

/** The whole tree, at once and after each change. */
export function resourceTreeStream(name: string): string {
  return address(`api/v1/stream/applications/${encodeURIComponent(name)}/resource-tree`);
}

export function getManagedResources(
  name: string,
  only?: NodeRef,
  signal?: AbortSignal,
): Promise<List<ResourceDiff>> {
  const query: Query =
    only === undefined
      ? {}
      : { group: only.group, kind: only.kind, namespace: only.namespace, name: only.name };
  return request('GET', `${applicationPath(name)}/managed-resources`, { query, signal });
}

export function getLiveManifest(
  name: string,
  node: VersionedNode,
  signal?: AbortSignal,
): Promise<{ manifest: string }> {
  return request('GET', `${applicationPath(name)}/resource`, { query: objectQuery(node), signal });
}

export function listResourceActions(
  name: string,
  node: VersionedNode,
  signal?: AbortSignal,
): Promise<{ actions: readonly ActionOffer[] | null }> {
  return request('GET', `${applicationPath(name)}/resource/actions`, { query: objectQuery(node), signal });
}

export function runResourceAction(
  name: string,
  node: VersionedNode,
  action: string,
  resourceActionParameters: readonly { readonly name: string; readonly value: string }[],
): Promise<unknown> {
  const body = { ...objectQuery(node), action, resourceActionParameters };
  return request('POST', `${applicationPath(name)}/resource/actions/v2`, { body });
}

/** Approves the deletions that the running operation waits with, and those it still comes to. */
export function confirmDeletion(name: string): Promise<unknown> {
  return request('POST', `${applicationPath(name)}/confirm-deletion`);
}

export function listOperations(
  name: string,
  limit: number,
  signal?: AbortSignal,
): Promise<List<OperationView>> {
  return request('GET', `${applicationPath(name)}/operations`, { query: { limit: String(limit) }, signal });
}

export function getOperation(name: string, id: string, signal?: AbortSignal): Promise<OperationView> {
  return request('GET', `${applicationPath(name)}/operations/${encodeURIComponent(id)}`, { signal });
}

export function listProjects(): Promise<List<NamedObject>> {
  return request('GET', 'api/v1/projects');
}

export function listClusters(): Promise<List<Cluster>> {
  return request('GET', 'api/v1/clusters');
}

export function listRepositories(): Promise<List<Repository>> {
  return request('GET', 'api/v1/repositories');
}

/** One line of the applications stream, once parsed. */
export type ApplicationFrame = { readonly result?: ApplicationEvent; readonly error?: { message?: string } };

/** One line of the tree stream, once parsed. */
export type TreeFrame = { readonly result?: ResourceTree };

function objectQuery(node: VersionedNode) {
  return {
    resourceName: node.name,
    namespace: node.namespace ?? '',
    group: node.group ?? '',
    version: node.version ?? '',
    kind: node.kind,
  };
}

function applicationPath(name: string): string {
  return `api/v1/applications/${encodeURIComponent(name)}`;
}

function address(path: string, query: Query = {}): string {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value ?? []].flat()) url.searchParams.append(name, one);
  }
  return url.toString();
}

async function request<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const { query, body, signal } = options;
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
  return parseJson(text === '' ? '{}' : text) as T;
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
