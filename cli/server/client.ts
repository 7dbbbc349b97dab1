import { createHash } from 'node:crypto';
import { Agent, fetch, type Response } from 'undici';
import type { z } from 'zod';
import { type Application, ApplicationSpec } from '../../core/application/spec/spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { formatJson, parseJson } from '../../core/object/json/json.ts';
import type { SettingsWords } from '../../core/settings/words/problem.ts';
import { withoutTrailing } from '../../core/text/trim.ts';
import { anySignal } from '../../core/waiting/any-signal.ts';
import type { OperationView } from '../../core/wire/operation.ts';
import { type AccountCalls, accountCalls } from '../account/calls.ts';
import type { SyncBody } from '../flags/sync-body.ts';
import { apiErrorOf, connectionError, type Exchange, type TokenOrigin } from './api-error.ts';
import {
  ActionListReply,
  type ActionReply,
  ApplicationListReply,
  ApplicationReply,
  type ManagedResource,
  ManagedResourcesReply,
  OperationListReply,
  OperationReply,
  type PickedApplication,
  PickedListReply,
  SessionReply,
  SettingsReply,
  SyncWindowsReply,
  type TreeNode,
  TreeReply,
  VersionReply,
} from './replies.ts';
import { type SourceCalls, sourceCalls } from './source-client.ts';
import { ManifestsReply } from './source-replies.ts';

/** Where the server is and how to speak to it. */
export type ClientOptions = {
  /** Base URL, such as `http://127.0.0.1:8080`. */
  readonly server: string;
  readonly token?: string | undefined;
  /** Where the token came from, for what to do when it is refused. */
  readonly tokenFrom?: TokenOrigin | undefined;
  /** The command that makes a session there. */
  readonly login?: string;
  /** Whether any certificate is accepted. */
  readonly insecure?: boolean;
  /** Certificates in PEM to trust instead of the system's. */
  readonly certificateAuthority?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** How long an answer is waited for, else two minutes. */
  readonly patienceSeconds?: number;
  /** Hears of every request that was answered. */
  readonly onAnswer?: (line: string) => void;
};

/** Which applications a list holds. */
type ListFilter = {
  readonly selector?: string | undefined;
  readonly projects?: readonly string[];
  readonly repo?: string | undefined;
  readonly namespace?: string | undefined;
};

/** How an application is read; with `project` a missing one is `not-found` instead of `forbidden`. */
type GetOptions = {
  readonly refresh?: 'normal' | 'hard' | undefined;
  readonly project?: string | undefined;
};

/** An accepted sync: the application, and the operation that carries the sync out. */
type AcceptedSync = { readonly application: ApplicationReply; readonly operationId: string };

export type PropagationPolicy = 'foreground' | 'background';

/** How an application is deleted. */
export type DeleteOptions = {
  /** On by default. */
  readonly cascade?: boolean | undefined;
  readonly propagationPolicy?: PropagationPolicy | undefined;
  /** Longest time that it may take, as a duration such as `10m`. */
  readonly deadline?: string | undefined;
  /** Gives the objects up, also those of a deletion that runs. */
  readonly orphan?: boolean | undefined;
};

/** Revisions instead of the target ones: one for a single source, by position from 1 for several. */
export type RevisionChoice = {
  readonly revision?: string | undefined;
  readonly revisions?: readonly string[] | undefined;
  readonly sourcePositions?: readonly string[] | undefined;
};

/** One object of an application. */
export type ObjectRef = Pick<TreeNode, 'group' | 'version' | 'kind' | 'namespace' | 'name'>;

/** An action by its name, with its parameters. */
type ActionChoice = {
  readonly action: string;
  readonly parameters: readonly { readonly name: string; readonly value: string }[];
};

/** The server's API in types. Application names may carry a namespace: `team-a/guestbook`. */
export type ApiClient = {
  readonly server: string;
  login(username: string, password: string): Promise<string>;
  logout(): Promise<void>;
  version(): Promise<VersionReply>;
  listApplications(filter?: ListFilter): Promise<ApplicationReply[]>;
  /** The same with these fields only, as `status.sync.status`, and the name: a whole list is a hundred times as long. */
  pickApplications(fields: readonly string[], filter?: ListFilter): Promise<PickedApplication[]>;
  getApplication(name: string, options?: GetOptions): Promise<ApplicationReply>;
  createApplication(
    application: Application,
    options: { upsert: boolean; validate: boolean },
  ): Promise<ApplicationReply>;
  replaceSpec(name: string, spec: ApplicationSpec, options: { validate: boolean }): Promise<ApplicationSpec>;
  /** Asks for a deletion; the operation that carries it out, once a sync that ran before it has ended. */
  deleteApplication(name: string, options: DeleteOptions): Promise<{ operationId: string | undefined }>;
  syncApplication(name: string, body: SyncBody): Promise<AcceptedSync>;
  rollbackApplication(name: string, body: RollbackBody): Promise<AcceptedSync>;
  terminateOperation(name: string): Promise<void>;
  /** Approves the deletions that the application's running operation waits with. */
  confirmDeletion(name: string): Promise<void>;
  resourceTree(name: string): Promise<TreeReply>;
  /** Both sides of every object; desired at other revisions than the target revisions if wanted. */
  managedResources(name: string, at?: RevisionChoice): Promise<ManagedResource[]>;
  /** What the sources render to, as JSON texts. */
  manifests(name: string, at?: RevisionChoice): Promise<readonly string[]>;
  /** Both sides of every object, desired as a gzipped tar archive of the application's files says. */
  compareFiles(name: string, archive: Buffer): Promise<ManagedResource[]>;
  /** What such files render to, as JSON texts. */
  manifestsOfFiles(name: string, archive: Buffer): Promise<readonly string[]>;
  listActions(name: string, object: ObjectRef): Promise<ActionReply[]>;
  runAction(name: string, object: ObjectRef, action: ActionChoice): Promise<void>;
  /** Whether a manual sync is allowed now. */
  canSync(name: string): Promise<boolean>;
  listOperations(name: string, limit?: number): Promise<OperationView[]>;
  getOperation(name: string, id: string): Promise<OperationView>;
  getSettings(): Promise<SettingsReply>;
  putSettings(words: SettingsWords, options: { partial: boolean }): Promise<SettingsReply>;
  rollBackSettings(): Promise<SettingsReply>;
  close(): Promise<void>;
} & AccountCalls &
  SourceCalls;

/** Which deployment of the history is brought back. */
export type RollbackBody = {
  readonly id: number;
  readonly prune?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
};

type Call = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: unknown;
  /** A body that is sent as it is. */
  readonly text?: string;
};

/** A refresh is answered only when the comparison is done, and that takes a render. */
const requestTimeoutSeconds = 120;

/** Opens a client of a Keelson server; `close` it to let the process end. */
export function createApiClient(options: ClientOptions): ApiClient {
  const server = withoutTrailing(options.server, '/');
  const { close, send } = createSender({ ...options, server });

  async function call<Reply extends z.ZodType>(reply: Reply, path: string, given: Call = {}) {
    const { text } = await send(path, given);
    return readReply(reply, server, path, text);
  }

  return {
    server,
    close,
    async login(username, password) {
      const session = await call(SessionReply, '/api/v1/session', {
        method: 'POST',
        body: { username, password },
      });
      return session.token;
    },
    async logout() {
      await send('/api/v1/session', { method: 'DELETE' });
    },
    version: () => call(VersionReply, '/api/version'),
    listApplications: (filter = {}) =>
      call(ApplicationListReply, '/api/v1/applications', { query: listQuery(filter) }),
    pickApplications(picked, filter = {}) {
      const fields = ['metadata.name', ...picked].map((field) => `items.${field}`).join(',');
      return call(PickedListReply, '/api/v1/applications', { query: { ...listQuery(filter), fields } });
    },
    ...applicationCalls(server, call, send),
    ...settingsCalls(call),
    ...accountCalls(call),
    ...sourceCalls(call),
  };
}

function listQuery({ selector, projects, repo, namespace }: ListFilter) {
  return { selector, projects, repo, appNamespace: namespace };
}

type Answer = { readonly text: string; readonly operationId: string | undefined };
type Sender = (path: string, call: Call) => Promise<Answer>;
/** Makes a call and reads its reply. */
export type Caller = <Reply extends z.ZodType>(
  reply: Reply,
  path: string,
  call?: Call,
) => Promise<z.infer<Reply>>;

function applicationCalls(
  server: string,
  call: Caller,
  send: Sender,
): Omit<
  ApiClient,
  | 'server'
  | 'login'
  | 'logout'
  | 'version'
  | 'listApplications'
  | 'pickApplications'
  | 'close'
  | keyof ReturnType<typeof settingsCalls>
  | keyof AccountCalls
  | keyof SourceCalls
> {
  const start = async (name: string, how: 'sync' | 'rollback', body: object): Promise<AcceptedSync> => {
    const path = `${pathOf(name)}/${how}`;
    const { text, operationId } = await send(path, {
      method: 'POST',
      body: { name: splitName(name).name, ...namespaceOf(name), ...body },
    });
    const application = readReply(ApplicationReply, server, path, text);
    if (operationId !== undefined) return { application, operationId };
    throw new KeelsonError(
      'internal',
      `server ${server} accepted the ${how} of ${name} without naming its operation; see keelson app operations ${name}`,
    );
  };

  return {
    getApplication: (name, options = {}) =>
      call(ApplicationReply, pathOf(name), { query: { ...namespaceOf(name), ...options } }),
    createApplication: (application, { upsert, validate }) =>
      call(ApplicationReply, '/api/v1/applications', {
        method: 'POST',
        query: { upsert: upsert ? 'true' : undefined, validate: validate ? undefined : 'false' },
        body: application,
      }),
    replaceSpec: (name, spec, { validate }) =>
      call(ApplicationSpec, `${pathOf(name)}/spec`, {
        method: 'PUT',
        query: { ...namespaceOf(name), validate: validate ? undefined : 'false' },
        body: spec,
      }),
    async deleteApplication(name, { cascade, propagationPolicy, deadline, orphan }) {
      const query = {
        ...namespaceOf(name),
        cascade: cascade === undefined ? undefined : String(cascade),
        propagationPolicy,
        deadline,
        orphan: orphan === true ? 'true' : undefined,
      };
      const { operationId } = await send(pathOf(name), { method: 'DELETE', query });
      return { operationId };
    },
    syncApplication: (name, body) => start(name, 'sync', body),
    rollbackApplication: (name, body) => start(name, 'rollback', body),
    async terminateOperation(name) {
      await send(`${pathOf(name)}/operation`, { method: 'DELETE', query: namespaceOf(name) });
    },
    async confirmDeletion(name) {
      await send(`${pathOf(name)}/confirm-deletion`, { method: 'POST', query: namespaceOf(name) });
    },
    resourceTree: (name) => call(TreeReply, `${pathOf(name)}/resource-tree`, { query: namespaceOf(name) }),
    managedResources: (name, at = {}) =>
      call(ManagedResourcesReply, `${pathOf(name)}/managed-resources`, {
        query: { ...namespaceOf(name), ...at },
      }),
    async manifests(name, at = {}) {
      const path = `${pathOf(name)}/manifests`;
      const { manifests } = await call(ManifestsReply, path, { query: { ...namespaceOf(name), ...at } });
      return manifests ?? [];
    },
    compareFiles: (name, archive) =>
      call(ManagedResourcesReply, `${pathOf(name)}/managed-resources`, {
        method: 'POST',
        text: uploadOf(name, archive),
      }),
    async manifestsOfFiles(name, archive) {
      const { manifests } = await call(ManifestsReply, '/api/v1/applications/manifestsWithFiles', {
        method: 'POST',
        text: uploadOf(name, archive),
      });
      return manifests ?? [];
    },
    async listActions(name, object) {
      const { actions } = await call(ActionListReply, `${pathOf(name)}/resource/actions`, {
        query: { ...namespaceOf(name), ...objectQuery(object) },
      });
      return actions ?? [];
    },
    async runAction(name, object, { action, parameters }) {
      await send(`${pathOf(name)}/resource/actions/v2`, {
        method: 'POST',
        body: {
          ...namespaceOf(name),
          ...objectQuery(object),
          action,
          resourceActionParameters: parameters,
        },
      });
    },
    async canSync(name) {
      const windows = await call(SyncWindowsReply, `${pathOf(name)}/syncwindows`, {
        query: namespaceOf(name),
      });
      return windows.canSync ?? false;
    },
    listOperations: (name, limit) =>
      call(OperationListReply, `${pathOf(name)}/operations`, {
        query: { ...namespaceOf(name), limit: limit === undefined ? undefined : String(limit) },
      }),
    getOperation: (name, id) =>
      call(OperationReply, `${pathOf(name)}/operations/${encodeURIComponent(id)}`, {
        query: namespaceOf(name),
      }),
  };
}

/** The stream of JSON objects that brings files: what it is about, then the archive. */
function uploadOf(name: string, archive: Buffer): string {
  const checksum = createHash('sha256').update(archive).digest('hex');
  const query = { name: splitName(name).name, checksum, ...namespaceOf(name) };
  const chunk = { chunk: archive.toString('base64') };
  return `${formatJson({ query })}\n${formatJson({ chunk })}\n`;
}

const settingsPath = '/api/v1/keelson/settings';

function settingsCalls(call: Caller): Pick<ApiClient, 'getSettings' | 'putSettings' | 'rollBackSettings'> {
  return {
    getSettings: () => call(SettingsReply, settingsPath),
    putSettings: (words, { partial }) =>
      call(SettingsReply, settingsPath, {
        method: 'PUT',
        query: { partial: partial ? 'true' : undefined },
        body: { configMaps: words },
      }),
    rollBackSettings: () => call(SettingsReply, `${settingsPath}/rollback`, { method: 'POST', body: {} }),
  };
}

/** The parts of an application name as people write it: `name` or `namespace/name`. */
function splitName(qualified: string): { name: string; namespace: string | undefined } {
  const slash = qualified.indexOf('/');
  if (slash === -1) return { name: qualified, namespace: undefined };
  return { name: qualified.slice(slash + 1), namespace: qualified.slice(0, slash) };
}

function objectQuery({ group, version, kind, namespace, name }: ObjectRef) {
  return { resourceName: name, kind, group, version, namespace };
}

function namespaceOf(qualified: string): { appNamespace?: string } {
  const { namespace } = splitName(qualified);
  return namespace === undefined ? {} : { appNamespace: namespace };
}

function pathOf(qualified: string): string {
  return `/api/v1/applications/${encodeURIComponent(splitName(qualified).name)}`;
}

function createSender(options: ClientOptions): { send: Sender; close(): Promise<void> } {
  // A connection that is kept may be closed just when a request goes out on it, and who asked to sync then doesn't know
  // whether it was heard. Each request has a connection of its own.
  const agent = new Agent({
    pipelining: 0,
    connect: {
      rejectUnauthorized: options.insecure !== true,
      ...(options.certificateAuthority === undefined ? {} : { ca: options.certificateAuthority }),
    },
  });
  const { patienceSeconds = requestTimeoutSeconds } = options;
  async function send(path: string, call: Call): Promise<Answer> {
    const method = call.method ?? 'GET';
    const limit = AbortSignal.timeout(patienceSeconds * 1000);
    const signal = options.signal === undefined ? limit : anySignal([limit, options.signal]);
    let response: Response;
    let text: string;
    const started = performance.now();
    try {
      response = await fetch(`${options.server}${path}${queryText(call.query ?? {})}`, {
        method,
        headers: headersOf(options, method),
        body: call.text ?? (call.body === undefined ? null : formatJson(call.body)),
        dispatcher: agent,
        signal,
      });
      text = await response.text();
    } catch (cause) {
      options.signal?.throwIfAborted();
      if (limit.aborted)
        throw slowAnswer(`${options.server} did not answer ${path} within ${patienceSeconds} s`, cause);
      throw connectionError(options.server, cause);
    }
    options.onAnswer?.(`${method} ${path} ${response.status} ${Math.round(performance.now() - started)}ms`);
    const operationId = response.headers.get('keelson-operation-id') ?? undefined;
    if (response.ok) return { text, operationId };
    throw apiErrorOf(exchangeOf(options, path), response.status, text);
  }
  return { send, close: () => agent.destroy() };
}

function exchangeOf({ server, token, tokenFrom = 'login', login }: ClientOptions, path: string): Exchange {
  return {
    server,
    path,
    tokenFrom: token === undefined ? undefined : tokenFrom,
    login: login ?? `keelson login ${server}`,
  };
}

function slowAnswer(what: string, cause: unknown): KeelsonError {
  return new KeelsonError('timeout', `server ${what}; try again`, { retryable: true, cause });
}

function headersOf(options: ClientOptions, method: string): Record<string, string> {
  return {
    accept: 'application/json',
    ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
    ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    ...options.headers,
  };
}

function queryText(query: NonNullable<Call['query']>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of typeof value === 'string' ? [value] : value) parameters.append(name, one);
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

function readReply<Reply extends z.ZodType>(
  reply: Reply,
  server: string,
  path: string,
  text: string,
): z.infer<Reply> {
  let body: unknown;
  try {
    body = parseJson(text);
  } catch (cause) {
    throw new KeelsonError(
      'internal',
      `server ${server} answered ${path} with something that is not JSON; check that the address is a Keelson server's`,
      { cause },
    );
  }
  const parsed = reply.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue === undefined ? '' : ` at ${issue.path.map(String).join('.') || 'its top'}`;
  throw new KeelsonError(
    'internal',
    `server ${server} answered ${path} in an unknown form${place}; use a keelson command of the server's version`,
  );
}
