import { type RouteConfig, z } from '@hono/zod-openapi';
import { KeelsonError } from '../core/errors.ts';
import { contract, parts } from '../core/wire/contract.ts';
import { Problem } from '../core/wire/shape.ts';
import type { ApiContext } from './context.ts';
import { bodyOf } from './request/exact-json.ts';

type SchemaOf = { readonly [field: string]: unknown };
type Reference = { $ref: string };

const uriOf = (name: string): string => `#/components/schemas/${name}`;

/** The schemas of the OpenAPI document by name: those of the contract itself, so the document can't drift from them. */
export function componentSchemas(): Readonly<Record<string, SchemaOf>> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries({ ...parts, ...contract })) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    uri: uriOf,
    // That our code changes no list that it has read says nothing about the list.
    override: ({ jsonSchema }) => delete jsonSchema.readOnly,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema]),
  );
}

const names: ReadonlyMap<z.ZodType, string> = new Map(
  Object.entries(contract).map(([name, schema]) => [schema, name]),
);

/** A reference to a schema of the contract; a route with another one doesn't start. */
export function reference(schema: z.ZodType): Reference {
  const name = names.get(schema);
  if (name !== undefined) return { $ref: uriOf(name) };
  throw new KeelsonError(
    'internal',
    'schema of a route is not in the contract; add it to core/wire/contract.ts',
  );
}

type Responses = RouteConfig['responses'];
type Body = NonNullable<NonNullable<RouteConfig['request']>['body']>;
type MediaType = Exclude<NonNullable<Body['content'][string]>, { $ref: string }>;
type Schema = Exclude<NonNullable<MediaType['schema']>, z.ZodType>;

/** The replies of a JSON route: one success and the common error form. */
export function replies(description: string, schema: z.ZodType): Responses {
  return {
    200: { description, content: { 'application/json': { schema: reference(schema) } } },
    ...problems,
  };
}

/** The replies of a stream route: one JSON document per event. */
export function streamReplies(description: string, frame: z.ZodType): Responses {
  const schema = reference(frame);
  return {
    200: { description, content: { 'text/event-stream': { schema }, 'application/json': { schema } } },
    ...problems,
  };
}

const problems: Responses = {
  default: {
    description: 'What went wrong',
    content: { 'application/json': { schema: reference(Problem) } },
  },
};

/** The replies of a route that answers in plain text. */
export function textReplies(description: string): Responses {
  return { default: { description, content: { 'text/plain': { schema: { type: 'string' } } } } };
}

/** A JSON body that the handler reads itself, described by a schema that validates nothing. */
export function documentedBody(schema: Schema): Body {
  return { required: true, content: { 'application/json': { schema } } };
}

/** A JSON body that is validated before the handler runs. */
export function validatedBody<S extends z.ZodType>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

/** A query parameter that may be given several times. */
export const repeated = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => (value === undefined ? [] : [value].flat().filter((entry) => entry !== '')))
  .openapi({ type: 'array', items: { type: 'string' } });

/** A query parameter that is `true` or `false`. */
export const flag = z
  .enum(['true', 'false'])
  .optional()
  .transform((value) => (value === undefined ? undefined : value === 'true'))
  .openapi({ type: 'boolean' });

export const text = z.string().optional();

/** The JSON body of a request; throws when it isn't one. */
export async function readJson(c: ApiContext): Promise<unknown> {
  try {
    return await bodyOf(c.req);
  } catch (cause) {
    throw new KeelsonError('invalid-argument', 'request body is not JSON; send one JSON object', { cause });
  }
}
