import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { Application, type ApplicationSpec } from '../../core/application/spec/spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { HeldAnswer } from '../../core/home/deletion/deletion-guard.ts';
import type { Request } from '../../core/rbac/decide.ts';
import type { SettingsWords } from '../../core/settings/words/problem.ts';
import { withoutTrailing } from '../../core/text/trim.ts';
import { ResourceDiff } from '../../core/wire/diff.ts';
import * as applications from '../../core/wire/requests/applications.ts';
import * as installation from '../../core/wire/requests/installation.ts';
import * as operations from '../../core/wire/requests/operations.ts';
import type { ApiRequest } from '../../core/wire/requests/request.ts';
import type { PasswordBody } from '../../core/wire/session.ts';
import { listReply, plainList } from '../../core/wire/shape.ts';
import type { RollbackBody, SyncBody } from '../../core/wire/sync.ts';
import { projectCalls } from './project-calls.ts';
import { type ClientOptions, createSender, type Sender } from './sender.ts';
import { sourceCalls } from './source-calls.ts';

/** An application of which only some fields were asked for; its name is always among them. */
const PickedApplication = Application.pick({ metadata: true, status: true }).extend({
  spec: Application.shape.spec.optional(),
});
export type PickedApplication = z.infer<typeof PickedApplication>;
const PickedList = listReply(PickedApplication).partial({ metadata: true });

/** Both sides of objects; servers of the family leave out what says nothing, as a mark that is off. */
const DiffSides = ResourceDiff.partial().required({ kind: true, name: true });
export type DiffSides = z.infer<typeof DiffSides>;
const DiffList = plainList(DiffSides);

/** An accepted sync: the application, and the operation that carries the sync out. */
export type AcceptedSync = { readonly application: Application; readonly operationId: string };

/** The server's API in types, by what it is about. Application names may carry a namespace: `team-a/guestbook`. */
export type ApiClient = ReturnType<typeof createApiClient>;

/** Opens a client of a Keelson server; `close` it to let the process end. */
export function createApiClient(options: ClientOptions) {
  const server = withoutTrailing(options.server, '/');
  const sender = createSender({ ...options, server });
  return {
    server,
    close: sender.close,
    version: () => sender.call(installation.version()),
    account: accountCalls(sender),
    applications: applicationCalls(sender),
    operations: operationCalls(sender, server),
    projects: projectCalls(sender),
    sources: sourceCalls(sender),
    settings: settingsCalls(sender),
  };
}

function accountCalls({ call }: Sender) {
  return {
    login: async (username: string, password: string) =>
      (await call(installation.login({ username, password }))).token,
    logout: () => call(installation.logout()),
    userInfo: () => call(installation.userInfo()),
    updatePassword: (body: PasswordBody) => call(installation.updatePassword(body)),
    canI: async (request: Request) => (await call(installation.canI(request))).value === 'yes',
    /** Ends all logins of an account. */
    logoutAll: (account: string) => call(installation.logoutAll(account)),
  };
}

function applicationCalls({ call, read, start }: Sender) {
  return {
    list: async (filter: applications.ListFilter = {}) =>
      (await call(applications.listApplications(filter))).items,
    /** The same with these fields only, as `status.sync.status`, and the name: a whole list is a hundred times as long. */
    pick: async (fields: readonly string[], filter: applications.ListFilter = {}) =>
      (await read(PickedList, applications.listApplications(filter, ['metadata.name', ...fields]))).items,
    get: (name: string, choice?: applications.GetOptions) => call(applications.getApplication(name, choice)),
    create: (application: Application, choice: { readonly upsert: boolean; readonly validate: boolean }) =>
      call(applications.createApplication(application, choice)),
    replaceSpec: (name: string, spec: ApplicationSpec, choice: { readonly validate: boolean }) =>
      call(applications.replaceSpec(name, spec, choice)),
    /** Asks for a deletion; the operation that carries it out, once a sync that ran before it has ended. */
    async delete(name: string, choice: applications.DeleteOptions) {
      const { operationId } = await start(applications.deleteApplication(name, choice));
      return { operationId };
    },
    /** Approves the deletions that the application's running operation waits with. */
    confirmDeletion: (name: string) => call(applications.confirmDeletion(name)),
    answerHeldDeletion: (name: string, answer: HeldAnswer) =>
      call(applications.answerHeldDeletion(name, answer)),
    resourceTree: (name: string) => call(applications.resourceTree(name)),
    /** Both sides of every object; desired at other revisions than the target revisions if wanted. */
    managedResources: async (name: string, at?: applications.RevisionChoice) =>
      (await read(DiffList, applications.managedResources(name, at))).items,
    /** Both sides of every object, desired as a gzipped tar archive of the application's files says. */
    compareFiles: async (name: string, archive: Buffer) =>
      (await read(DiffList, applications.compareFiles(name, uploadOf(archive)))).items,
    /** What the sources render to, as JSON texts. */
    manifests: async (name: string, at?: applications.RevisionChoice) =>
      (await call(applications.manifests(name, at))).manifests,
    /** What such files render to, as JSON texts. */
    manifestsOfFiles: async (name: string, archive: Buffer) =>
      (await call(applications.manifestsOfFiles(name, uploadOf(archive)))).manifests,
    listActions: async (name: string, object: applications.ObjectRef) =>
      (await call(applications.listActions(name, object))).actions,
    runAction: (name: string, object: applications.ObjectRef, action: applications.ActionChoice) =>
      call(applications.runAction(name, object, action)),
  };
}

function uploadOf(archive: Buffer): applications.Upload {
  const checksum = createHash('sha256').update(archive).digest('hex');
  return { chunk: archive.toString('base64'), checksum };
}

function operationCalls({ call, start }: Sender, server: string) {
  const accepted = async (name: string, request: ApiRequest<'Application'>): Promise<AcceptedSync> => {
    const { reply, operationId } = await start(request);
    if (operationId !== undefined) return { application: reply, operationId };
    const how = request.path.split('/').at(-1);
    throw new KeelsonError(
      'internal',
      `server ${server} accepted the ${how} of ${name} without naming its operation; see keelson app operations ${name}`,
    );
  };
  return {
    sync: (name: string, body: SyncBody) => accepted(name, operations.sync(name, body)),
    rollback: (name: string, body: RollbackBody) => accepted(name, operations.rollback(name, body)),
    terminate: (name: string) => call(operations.terminate(name)),
    syncWindows: (name: string) => call(operations.syncWindows(name)),
    list: async (name: string, limit?: number) => (await call(operations.listOperations(name, limit))).items,
    get: (name: string, id: string) => call(operations.getOperation(name, id)),
  };
}

function settingsCalls({ call }: Sender) {
  return {
    get: () => call(installation.getSettings()),
    put: (configMaps: SettingsWords, choice: { readonly partial: boolean }) =>
      call(installation.putSettings({ configMaps }, choice)),
    rollBack: () => call(installation.rollBackSettings()),
    accept: (seen: Readonly<Record<string, string>>) => call(installation.acceptSettings({ seen })),
  };
}
