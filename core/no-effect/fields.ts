import { z } from 'zod';
import { ownField } from '../own-field.ts';

/** A field that somebody wrote: where it stands, its value, and whether the shape has it. */
export type WrittenField = { readonly path: string; readonly value: unknown; readonly isKnown: boolean };

/** Every field of a value at `path`, also those within others; what the shape leaves open is not looked into. */
export function writtenFields(shape: z.ZodType, value: unknown, path: string): WrittenField[] {
  const inner = unwrapped(shape);
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    return value.flatMap((one, index) => writtenFields(inner.element as z.ZodType, one, `${path}[${index}]`));
  }
  if (!(inner instanceof z.ZodObject) || typeof value !== 'object' || value === null) return [];
  const shapes: Readonly<Record<string, z.ZodType>> = inner.shape;
  return Object.entries(value).flatMap(([name, child]) => {
    if (child === undefined || child === null) return [];
    const at = `${path}.${name}`;
    const known = ownField(shapes, name);
    const within = known === undefined ? [] : writtenFields(known, child, at);
    return [{ path: at, value: child, isKnown: known !== undefined }, ...within];
  });
}

function unwrapped(shape: z.ZodType): z.ZodType {
  const isWrapped = shape instanceof z.ZodOptional || shape instanceof z.ZodDefault;
  return isWrapped ? unwrapped(shape.unwrap() as z.ZodType) : shape;
}
