import { z } from '@hono/zod-openapi';
import { expect, it } from 'vitest';
import { contract } from '../core/wire/contract.ts';
import { reference } from './route.ts';

it('a schema of a reply is named by the contract, or refused with the place where it belongs', () => {
  const [[name, schema] = ['', z.never()]] = Object.entries(contract);
  expect(reference(schema).$ref).toContain(name);
  expect(() => reference(z.object({}))).toThrow(
    'schema of a route is not in the contract; add it to core/wire/contract.ts',
  );
});
