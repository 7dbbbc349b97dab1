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
  const patched = structuredClone(target);
  let copied = 0;
  for (const [at, operation] of operations.entries()) {
    const fault = faultOf(patched, operation);
    if (fault !== undefined) throw refused(at, operation, fault);
    if (operation.op === 'copy') {
      copied += formatJson(Pointer.fromJSON(operation.from ?? '').get(patched) ?? null).length;
      if (copied > mostCopied) throw refused(at, operation, `copies more than ${mostCopied} characters`);
    }
    const [failure] = applyPatch(patched, [operation as Operation]);
    if (failure) throw refused(at, operation, ownField(wordsOf, failure.name) ?? 'is no operation');
  }
  return patched;
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

/** Names that lead out of the value for the library, which passes over them. */
const unreachables: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

function pointerFault(target: unknown, pointer: string): string | undefined {
  if (!pointer.startsWith('/')) return `has the pointer "${pointer}", which does not begin with a slash`;
  const { tokens } = Pointer.fromJSON(pointer);
  const unreachable = tokens.find((token) => unreachables.has(token));
  if (unreachable !== undefined) return `names ${unreachable}, which no patch reaches`;
  const { parent, key } = Pointer.fromJSON(pointer).evaluate(target);
  if (!Array.isArray(parent) || /^(?:0|[1-9]\d{0,8}|-)$/.test(key)) return undefined;
  return `has "${key}", which is no position in a list`;
}

function refused(at: number, { op: name, path }: Given, words: string): KeelsonError {
  return new KeelsonError('invalid-argument', `patch[${at}] (${name} "${path}") ${words}`);
}
