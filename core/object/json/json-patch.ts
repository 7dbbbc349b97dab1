import { applyPatch, type Operation, Pointer } from 'rfc6902';
import { z } from 'zod';
import { KeelsonError } from '../../errors.ts';
import { formatIssues } from '../../issue.ts';
import { ownField } from '../../own-field.ts';
import { formatJson } from './json.ts';

const op = z.enum(['add', 'remove', 'replace', 'move', 'copy', 'test']);
const JsonPatch = z
  .array(z.object({ op, path: z.string(), from: z.string().optional(), value: z.unknown().optional() }))
  .max(1000);

/** What copies may add in all: each can double what is there. */
const mostCopied = 1024 * 1024;

/** Applies an RFC 6902 patch to a copy of a value; throws `invalid-argument` with the position of what can't be done. */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  const { data: operations, error } = JsonPatch.safeParse(patch);
  if (error !== undefined) {
    const issues = error.issues.map(({ path, message }) => ({ path: path.join('.') || 'patch', message }));
    throw new KeelsonError('invalid-argument', `patch is no JSON patch: ${formatIssues(issues)}`);
  }
  const patched = renamed(target, disguised);
  let copied = 0;
  for (const [at, given] of operations.entries()) {
    const operation = disguisedOperation(given);
    const fault = faultOf(patched, operation);
    if (fault !== undefined) throw refused(at, given, fault);
    if (operation.op === 'copy') {
      copied += formatJson(Pointer.fromJSON(operation.from ?? '').get(patched) ?? null).length;
      if (copied > mostCopied) throw refused(at, given, `copies more than ${mostCopied} characters`);
    }
    const [failure] = applyPatch(patched, [operation as Operation]);
    if (failure) throw refused(at, given, ownField(wordsOf, failure.name) ?? 'is no operation');
  }
  return renamed(patched, undisguised);
}

type Given = z.infer<typeof JsonPatch>[number];

const wordsOf: Readonly<Record<string, string>> = {
  MissingError: 'names what is not there; correct the path',
  TestError: 'finds another value there',
};

/** What the library passes over: pointers without a slash, indices that are none, and values that are left out. */
function faultOf(target: unknown, operation: Given): string | undefined {
  const needsFrom = operation.op === 'move' || operation.op === 'copy';
  if (needsFrom && operation.from === undefined) return 'has no from; add it';
  const needsValue = operation.op === 'add' || operation.op === 'replace' || operation.op === 'test';
  if (needsValue && !Object.hasOwn(operation, 'value')) return 'has no value; add it';
  const pointers = needsFrom ? [operation.from ?? '', operation.path] : [operation.path];
  return pointers.map((pointer) => pointerFault(target, pointer)).find((fault) => fault !== undefined);
}

/**
 * Names that every object has, and one that the library passes over. It would find JavaScript's own functions under them,
 * and write into those; so it sees them with a sign in front that no text of a request has.
 */
const ofEveryObject: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
]);
const sign = '\u0000';
const disguised = (name: string): string => (ofEveryObject.has(name) ? sign + name : name);
const undisguised = (name: string): string => (name.startsWith(sign) ? name.slice(1) : name);

/** A copy of a value with its fields' names changed. */
function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((child) => renamed(child, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [rename(name), renamed(child, rename)]),
  );
}

function disguisedOperation(operation: Given): Given {
  const pointer = (path: string): string => path.split('/').map(disguised).join('/');
  return {
    ...operation,
    path: pointer(operation.path),
    ...(operation.from === undefined ? {} : { from: pointer(operation.from) }),
    ...(Object.hasOwn(operation, 'value') ? { value: renamed(operation.value, disguised) } : {}),
  };
}

function pointerFault(target: unknown, pointer: string): string | undefined {
  if (!pointer.startsWith('/')) return `has the pointer "${pointer}", which does not begin with a slash`;
  const names = Pointer.fromJSON(pointer).tokens.slice(1);
  const key = names.pop() ?? '';
  let parent = target;
  // Lists and texts have functions as well, which the library would write into.
  for (const name of names) parent = isContainer(parent) ? ownField(parent, name) : undefined;
  if (!isContainer(parent)) return wordsOf['MissingError'];
  if (!Array.isArray(parent) || /^(?:0|[1-9]\d{0,8}|-)$/.test(key)) return undefined;
  return `has "${key}", which is no position in a list`;
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function refused(at: number, { op: name, path }: Given, words: string): KeelsonError {
  return new KeelsonError('invalid-argument', `patch[${at}] (${name} "${path}") ${words}`);
}
