import type { z } from 'zod';
import { parseJson } from '../../core/object/json/json.ts';
import { sourceFailure } from '../remote/failure.ts';
import type { OciSource } from './origin.ts';

/** Reads what a registry answered; anything of another shape is a failure of the source. */
export function parseReply<Shape extends z.ZodType>(
  source: OciSource,
  what: string,
  body: Buffer,
  shape: Shape,
): z.infer<Shape> {
  const parsed = shape.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  throw sourceFailure(source.access, `${what} is not what a registry answers; check the address`);
}

function jsonOf(body: Buffer): unknown {
  try {
    return parseJson(body.toString('utf8'));
  } catch {
    // What is no JSON doesn't fit any shape, and that is what is said of it.
    return undefined;
  }
}
