import { actionAnnotation } from '../object/annotations.ts';
import type { ResourceKey } from '../object/key.ts';
import { isFields } from '../object/manifest/check-manifest.ts';
import { keyOf, type Manifest } from '../object/manifest/manifest.ts';
import { changesNothing, mergePatchBetween } from './merge-patch.ts';

/** One request of an action to the API server, as it is decided before the first of them is sent. */
export type ActionWrite = {
  readonly operation: 'patch' | 'create';
  readonly apiVersion: string;
  readonly key: ResourceKey;
  /** The object to create, or a merge patch, which names its object. */
  readonly body: Manifest;
  readonly subresource?: 'status';
  /** The version that the object must still have, where the patch replaces a list. */
  readonly version?: string;
  /** Whether the write before it is of the same object, so that its version counts instead. */
  readonly follows?: true;
};

/** The same with the body in the sealed store. */
export type FrozenWrite = Omit<ActionWrite, 'body'> & { readonly digest: string };

/** The requests that turn an object into another: its status is a resource of its own. */
export function patchWrites(live: Manifest, wanted: Manifest): ActionWrite[] {
  const { status, ...others } = mergePatchBetween(live, wanted) ?? {};
  const patch = (fields: Readonly<Record<string, unknown>>): ActionWrite => {
    const { name, namespace, resourceVersion } = live.metadata;
    const named = {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
    };
    const metadata = { ...(isFields(fields['metadata']) ? fields['metadata'] : {}), ...named };
    return {
      operation: 'patch',
      apiVersion: live.apiVersion,
      key: keyOf(live),
      body: { ...fields, apiVersion: live.apiVersion, kind: live.kind, metadata },
      // What somebody else changed in a list since it was read must not be lost.
      ...(resourceVersion !== undefined && holdsList(fields) ? { version: resourceVersion } : {}),
    };
  };
  const ofObject = Object.keys(others).length === 0 ? [] : [patch(others)];
  if (status === undefined) return ofObject;
  const follows = ofObject.length === 0 ? {} : ({ follows: true } as const);
  return [...ofObject, { ...patch({ status }), subresource: 'status', ...follows }];
}

/** The request that creates an object. */
export function createWrite(body: Manifest): ActionWrite {
  return { operation: 'create', apiVersion: body.apiVersion, key: keyOf(body), body };
}

/** A creation that can be told from everybody else's: by the action that it is of and its position there. */
export function stamped(write: ActionWrite, action: string, position: number): ActionWrite {
  if (write.operation === 'patch') return write;
  const { metadata } = write.body;
  const annotations = { ...metadata.annotations, [actionAnnotation]: `${action}/${position}` };
  return { ...write, body: { ...write.body, metadata: { ...metadata, annotations } } };
}

/** Whether an object is what a write leaves: created by that very write, or with nothing left to patch. */
export function isWritten({ operation, body }: ActionWrite, live: Manifest): boolean {
  if (operation === 'patch') return changesNothing(body, live);
  const stamp = body.metadata.annotations?.[actionAnnotation];
  return stamp !== undefined && live.metadata.annotations?.[actionAnnotation] === stamp;
}

/** The body of a patch that is refused where the object has another version than `written` or its own says. */
export function guardedBody({ body, version, follows }: ActionWrite, written: string | undefined): Manifest {
  if (version === undefined) return body;
  const resourceVersion = follows === true ? (written ?? version) : version;
  return { ...body, metadata: { ...body.metadata, resourceVersion } };
}

function holdsList(value: unknown): boolean {
  return Array.isArray(value) || (isFields(value) && Object.values(value).some(holdsList));
}
