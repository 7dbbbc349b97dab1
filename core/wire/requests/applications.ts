import type { ApplicationSpec } from '../../application/spec/spec.ts';
import type { HeldAnswer } from '../../home/deletion/deletion-guard.ts';
import { formatJson } from '../../object/json/json.ts';
import { applicationPath, namespaceOf, splitName } from './application-name.ts';
import { type ApiRequest, flag, type Query } from './request.ts';

const applications = 'api/v1/applications';

/** Which applications a list holds. */
export type ListFilter = {
  readonly selector?: string | undefined;
  readonly projects?: readonly string[];
  readonly repo?: string | undefined;
  readonly namespace?: string | undefined;
};

/** How an application is read; with `project` a missing one is `not-found` instead of `forbidden`. */
export type GetOptions = {
  readonly refresh?: 'normal' | 'hard' | undefined;
  readonly project?: string | undefined;
};

/** Whether objects are deleted at once or after what they own. */
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

/** One object of an application as requests name it. */
export type ObjectRef = {
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
};

/** An action by its name, with its parameters. */
export type ActionChoice = {
  readonly action: string;
  readonly parameters: readonly { readonly name: string; readonly value: string }[];
};

/** A list of applications; with `fields` only these of each item. */
export function listApplications(
  { selector, projects, repo, namespace }: ListFilter = {},
  fields?: readonly string[],
): ApiRequest<'ApplicationList'> {
  const picked = fields?.map((field) => `items.${field}`).join(',');
  const query = { selector, projects, repo, appNamespace: namespace, fields: picked };
  return { method: 'GET', path: applications, query, reply: 'ApplicationList' };
}

/** One application. */
export function getApplication(name: string, options: GetOptions = {}): ApiRequest<'Application'> {
  const query = { ...namespaceOf(name), ...options };
  return { method: 'GET', path: applicationPath(name), query, reply: 'Application' };
}

/** Creates an application, or changes the one that is there; what somebody wrote, as it stands: the server reads it. */
export function createApplication(
  application: unknown,
  { upsert = false, validate = true }: { readonly upsert?: boolean; readonly validate?: boolean } = {},
): ApiRequest<'Application'> {
  const query = { upsert: flag(upsert), validate: validate ? undefined : 'false' };
  return { method: 'POST', path: applications, query, body: application, reply: 'Application' };
}

/** Replaces an application's spec. */
export function replaceSpec(
  name: string,
  spec: ApplicationSpec,
  { validate }: { readonly validate: boolean },
): ApiRequest<'ApplicationSpec'> {
  const query = { ...namespaceOf(name), validate: validate ? undefined : 'false' };
  return {
    method: 'PUT',
    path: `${applicationPath(name)}/spec`,
    query,
    body: spec,
    reply: 'ApplicationSpec',
  };
}

/** Asks for a deletion, which an operation carries out. */
export function deleteApplication(
  name: string,
  { cascade, propagationPolicy, deadline, orphan }: DeleteOptions,
): ApiRequest<'Empty'> {
  const query = {
    ...namespaceOf(name),
    cascade: cascade === undefined ? undefined : String(cascade),
    propagationPolicy,
    deadline,
    orphan: flag(orphan),
  };
  return { method: 'DELETE', path: applicationPath(name), query, reply: 'Empty' };
}

/** Approves the deletions that the running operation waits with, and those it still comes to. */
export function confirmDeletion(name: string): ApiRequest<'Application'> {
  const path = `${applicationPath(name)}/confirm-deletion`;
  return { method: 'POST', path, query: namespaceOf(name), reply: 'Application' };
}

/** Says what becomes of an application whose object's deletion is held. */
export function answerHeldDeletion(name: string, answer: HeldAnswer): ApiRequest<'Application'> {
  const path = `${applicationPath(name)}/held-deletion`;
  return { method: 'POST', path, query: namespaceOf(name), body: { answer }, reply: 'Application' };
}

/** The objects of an application. */
export function resourceTree(name: string): ApiRequest<'ResourceTree'> {
  const path = `${applicationPath(name)}/resource-tree`;
  return { method: 'GET', path, query: namespaceOf(name), reply: 'ResourceTree' };
}

/** Both sides of every object, or of one; desired at other revisions than the target revisions if wanted. */
export function managedResources(
  name: string,
  choice: RevisionChoice & { readonly [Field in keyof ObjectRef]?: ObjectRef[Field] | undefined } = {},
): ApiRequest<'ResourceDiffList'> {
  const path = `${applicationPath(name)}/managed-resources`;
  return { method: 'GET', path, query: { ...namespaceOf(name), ...choice }, reply: 'ResourceDiffList' };
}

/** What the sources render to. */
export function manifests(name: string, at: RevisionChoice = {}): ApiRequest<'Manifests'> {
  const path = `${applicationPath(name)}/manifests`;
  return { method: 'GET', path, query: { ...namespaceOf(name), ...at }, reply: 'Manifests' };
}

/** Files of an application, as a gzipped tar archive in base64 with its SHA-256. */
export type Upload = { readonly chunk: string; readonly checksum: string };

/** Both sides of every object, desired as uploaded files say. */
export function compareFiles(name: string, upload: Upload): ApiRequest<'ResourceDiffList'> {
  const path = `${applicationPath(name)}/managed-resources`;
  return { method: 'POST', path, text: uploadText(name, upload), reply: 'ResourceDiffList' };
}

/** What uploaded files render to. */
export function manifestsOfFiles(name: string, upload: Upload): ApiRequest<'Manifests'> {
  const path = `${applications}/manifestsWithFiles`;
  return { method: 'POST', path, text: uploadText(name, upload), reply: 'Manifests' };
}

/** The stream of JSON objects that brings files: what it is about, then the archive. */
function uploadText(name: string, { chunk, checksum }: Upload): string {
  const query = { name: splitName(name).name, checksum, ...namespaceOf(name) };
  return `${formatJson({ query })}\n${formatJson({ chunk: { chunk } })}\n`;
}

/** The live manifest of one object. */
export function liveManifest(name: string, object: ObjectRef): ApiRequest<'LiveManifest'> {
  const path = `${applicationPath(name)}/resource`;
  return { method: 'GET', path, query: objectQuery(name, object), reply: 'LiveManifest' };
}

/** The actions of one object. */
export function listActions(name: string, object: ObjectRef): ApiRequest<'ActionList'> {
  const path = `${applicationPath(name)}/resource/actions`;
  return { method: 'GET', path, query: objectQuery(name, object), reply: 'ActionList' };
}

/** Runs an action on one object. */
export function runAction(
  name: string,
  object: ObjectRef,
  { action, parameters }: ActionChoice,
): ApiRequest<'Empty'> {
  const body = { ...objectQuery(name, object), action, resourceActionParameters: parameters };
  return { method: 'POST', path: `${applicationPath(name)}/resource/actions/v2`, body, reply: 'Empty' };
}

function objectQuery(application: string, { group, version, kind, namespace, name }: ObjectRef): Query {
  return { ...namespaceOf(application), resourceName: name, kind, group, version, namespace };
}
