import { z } from 'zod';
import type { Issue } from '../../issue.ts';
import { ownField } from '../../own-field.ts';
import { nearestWord } from '../../text/nearest-word.ts';

/** Fields of a value that its schema doesn't name, which are kept and do nothing, at any depth. */
export function unknownFields(schema: z.ZodType, value: unknown, path: string): Issue[] {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    return value.flatMap((one, at) => unknownFields(inner.element as z.ZodType, one, `${path}[${at}]`));
  }
  if (!(inner instanceof z.ZodObject) || typeof value !== 'object' || value === null) return [];
  const shape: Readonly<Record<string, z.ZodType>> = inner.shape;
  // In the order of the alphabet: a schema moves what it doesn't know behind what it does.
  const fields = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return fields.flatMap(([name, child]) => {
    const field = ownField(shape, name);
    return field === undefined
      ? [{ path: `${path}.${name}`, message: adviceFor(name, Object.keys(shape)) }]
      : unknownFields(field, child, `${path}.${name}`);
  });
}

function adviceFor(name: string, known: readonly string[]): string {
  const meant = nearestWord(name, known);
  const words = 'is not known here, is kept and does nothing';
  return meant === undefined ? `${words}; remove it` : `${words}; write ${meant} if you mean it`;
}
