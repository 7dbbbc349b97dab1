import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { contract } from '../core/wire/contract.ts';
import { openapiDocument } from './app.ts';
import { reference } from './route.ts';

type Schema = {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
};
type Content = Readonly<Record<string, { readonly schema: Schema }>>;
type Document = {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { responses: Readonly<Record<string, { content?: Content }>> }>>>
  >;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

const { paths, components } = openapiDocument() as Document;

/** Every reply of every route, with the type of its content. */
const replies = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, { responses }]) =>
    Object.entries(responses).flatMap(([status, { content = {} }]) =>
      Object.entries(content).map(([type, { schema }]) => ({
        name: `${method} ${path} ${status}`,
        type,
        schema,
      })),
    ),
  ),
);

/** Where a schema says nothing of an object: neither its fields nor what all of them are. */
function bareObjects(schema: Schema, at: string): string[] {
  const { properties = {}, items, anyOf = [], additionalProperties } = schema;
  const inner = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  const isBare = schema.type === 'object' && schema.properties === undefined && isAnything(inner);
  return [
    ...(isBare ? [at] : []),
    ...Object.entries(properties).flatMap(([name, field]) => bareObjects(field, `${at}.${name}`)),
    ...(items === undefined ? [] : bareObjects(items, `${at}[]`)),
    ...anyOf.flatMap((one) => bareObjects(one, at)),
    ...(inner === undefined ? [] : bareObjects(inner, `${at}.*`)),
  ];
}

/** The schema of the contract that a reply has, with those of which it is one. */
function namesIn({ $ref, anyOf = [] }: Schema): string[] {
  const name = $ref?.split('/').at(-1);
  const own = name === undefined ? undefined : components.schemas[name];
  return [...(name === undefined ? [] : [name]), ...[...(own?.anyOf ?? []), ...anyOf].flatMap(namesIn)];
}

function isAnything(schema: Schema | undefined): boolean {
  return schema === undefined || Object.keys(schema).length === 0;
}

describe('api/route', () => {
  it('has a schema of the contract for every JSON reply and every frame of a stream', () => {
    const json = replies.filter(({ type }) => type !== 'text/plain');
    expect(json.length).toBeGreaterThan(120);
    const known = new Set(Object.keys(contract).map((name) => `#/components/schemas/${name}`));
    expect(json.filter(({ schema }) => !known.has(schema.$ref ?? '')).map(({ name }) => name)).toEqual([]);
  });

  it('uses every schema of the contract', () => {
    const used = new Set(replies.flatMap(({ schema }) => namesIn(schema)));
    expect(Object.keys(contract).filter((name) => !used.has(name))).toEqual([]);
  });

  it('says what is in each object of a reply, except in values that are a user’s own', () => {
    const bare = Object.entries(components.schemas).flatMap(([name, schema]) => bareObjects(schema, name));
    expect(bare).toEqual(['ApplicationSource.helm.valuesObject']);
  });

  it('refuses a route with a reply that is not in the contract', () => {
    expect(() => reference(z.object({}))).toThrow('add it to core/wire/contract.ts');
  });
});
