import { type RouteConfig, z } from '@hono/zod-openapi';
import { Application, ApplicationSpec } from '../core/application/spec/spec.ts';
import { KeelsonError } from '../core/errors.ts';
import type { ApiContext } from './context.ts';

/** Schemas that the OpenAPI document names; made from core's own, so the document can't drift from the code. */
const components = { Application, ApplicationSpec } as const;

type SchemaOf = { readonly [field: string]: unknown };

/** Component schemas of the OpenAPI document by name. */
export function componentSchemas(): Record<string, SchemaOf> {
  const schemas: Record<string, SchemaOf> = {};
  for (const [name, schema] of Object.entries(components)) {
    const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input' });
    schemas[name] = json;
  }
  return schemas;
}

type Responses = RouteConfig['responses'];
type Body = NonNullable<NonNullable<RouteConfig['request']>['body']>;
type MediaType = Exclude<NonNullable<Body['content'][string]>, { $ref: string }>;
type Schema = Exclude<NonNullable<MediaType['schema']>, z.ZodType>;

type Reference = { $ref: string };

/** A reference to a component schema. */
export function ref(name: keyof typeof components): Reference {
  return { $ref: `#/components/schemas/${name}` };
}

/** Any JSON object; for replies whose shape is documented in words. */
const anyObject: Schema = { type: 'object', additionalProperties: true };

const problemSchema: Schema = {
  type: 'object',
  properties: { error: { type: 'string' }, code: { type: 'integer' }, message: { type: 'string' } },
  required: ['error', 'code', 'message'],
};

/** The replies of a JSON route: one success and the common error form. */
export function replies(description: string, schema: Schema = anyObject): Responses {
  return {
    200: { description, content: { 'application/json': { schema } } },
    default: { description: 'What went wrong', content: { 'application/json': { schema: problemSchema } } },
  };
}

/** The replies of a stream route: one JSON document per event. */
export function streamReplies(description: string, schema: Schema = anyObject): Responses {
  return {
    200: {
      description,
      content: { 'text/event-stream': { schema }, 'application/json': { schema } },
    },
    default: { description: 'What went wrong', content: { 'application/json': { schema: problemSchema } } },
  };
}

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
    return await c.req.json();
  } catch (cause) {
    throw new KeelsonError('invalid-argument', 'request body is not JSON; send one JSON object', { cause });
  }
}
