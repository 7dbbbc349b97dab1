import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { openapiPaths } from '../../../../api/app.ts';
import { contract } from '../../../../core/wire/contract.ts';

type MediaType = { readonly schema: { readonly $ref?: string } };
type Reply = { readonly content?: Readonly<Record<string, MediaType>> };
type Operation = { readonly responses: Readonly<Record<string, Reply>> };
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** A reply as it came: its request, its status and what its JSON holds. */
export type Replied = {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
};

type Route = {
  readonly matches: RegExp;
  readonly method: string;
  readonly name: string | undefined;
  readonly isStream: boolean;
};

// A path with fewer parameters comes first: it is what the server takes, too.
const routes: readonly Route[] = Object.entries(openapiPaths() as Paths)
  .sort(([a], [b]) => a.split('{').length - b.split('{').length)
  .flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({
      matches: patternOf(path),
      method: method.toUpperCase(),
      name: responses['200']?.content?.['application/json']?.schema.$ref?.split('/').at(-1),
      isStream: responses['200']?.content?.['text/event-stream'] !== undefined,
    })),
  );

/** A subresource is the only parameter that may hold slashes. */
function patternOf(path: string): RegExp {
  const source = path.replace('{subresource}', '.+').replaceAll(/\{[^}]+\}/g, '[^/]+');
  return new RegExp(`^${source}$`);
}

function routeOf({ method, path }: Pick<Replied, 'method' | 'path'>): Route | undefined {
  const { pathname } = new URL(path, 'http://localhost');
  return routes.find((route) => route.method === method && route.matches.test(pathname));
}

/** Whether a request is answered by one message after the other, perhaps without an end. */
export function isStream(request: Pick<Replied, 'method' | 'path'>): boolean {
  return routeOf(request)?.isStream === true;
}

/**
 * Throws for a reply of the API that isn't what the contract says of it: a field that is missing or of another type, and
 * one that the contract doesn't know. The reply to a request for some `fields` may lack others.
 */
export function checkReply(reply: Replied): void {
  const { searchParams } = new URL(reply.path, 'http://localhost');
  const route = routeOf(reply);
  const name = reply.status < 400 ? route?.name : 'Problem';
  if (name === undefined) return;
  const schema: z.ZodType | undefined = Reflect.get(contract, name);
  if (schema === undefined) throw new Error(`${reply.method} ${reply.path} answers with no known schema`);
  const fault = faultOf(schema, reply.body, searchParams.has('fields'));
  if (fault !== undefined) throw new Error(`${reply.method} ${reply.path} answers with no ${name}: ${fault}`);
}

/** What in a value is not as its schema says; where some fields were asked for, a missing one is no fault. */
export function faultOf(schema: z.ZodType, value: unknown, isPartial = false): string | undefined {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const issues = parsed.error.issues.filter((issue) => !isPartial || !isOfMissing(issue, value));
    const words = issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
    return issues.length === 0 ? undefined : words.join('; ');
  }
  if (isPartial || isDeepStrictEqual(parsed.data, value)) return undefined;
  return `a field of it is unknown; it is ${JSON.stringify(value)} and read as ${JSON.stringify(parsed.data)}`;
}

/** Whether an issue is of a field that isn't there; of several forms, one that lacks nothing else will do. */
function isOfMissing(issue: z.core.$ZodIssue, value: unknown): boolean {
  const found = at(value, issue.path);
  if (issue.code !== 'invalid_union') return found === undefined;
  return issue.errors.some((form) => form.every((inner) => isOfMissing(inner, found)));
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (found, name) => (typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined),
    value,
  );
}
