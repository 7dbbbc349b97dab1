import { z } from 'zod';
import { withoutNulls } from '../../core/application/spec/spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { parseJson } from '../../core/object/json/json.ts';
import { isFields } from '../../core/object/manifest/check-manifest.ts';
import { contract } from '../../core/wire/contract.ts';
import type { Replies, ReplyName } from '../../core/wire/requests/request.ts';

const schemas: { readonly [Name in ReplyName]: z.ZodType<Replies[Name]> } = contract;

/** The schema of a reply by its name. */
export function schemaOf<Name extends ReplyName>(name: Name): z.ZodType<Replies[Name]> {
  return schemas[name];
}

/** A reply as it came, and from where. */
type Received = { readonly server: string; readonly path: string; readonly text: string };

/** Reads a reply by its schema; throws when it is none. */
export function readReply<Schema extends z.ZodType>(
  schema: Schema,
  { server, path, text }: Received,
): z.infer<Schema> {
  let body: unknown;
  try {
    body = parseJson(text);
  } catch (cause) {
    throw new KeelsonError(
      'internal',
      `server ${server} answered /${path} with something that is not JSON; check that the address is a Keelson server's`,
      { cause },
    );
  }
  const parsed = schema.safeParse(withEmptyLists(schema, withoutNulls(body)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : ` at ${issue.path.map(String).join('.') || 'its top'}`;
  throw new KeelsonError(
    'internal',
    `server ${server} answered /${path} in an unknown form${where}; use a keelson command of the server's version`,
  );
}

/** Servers written in other languages leave an empty list out, or send null for it. */
function withEmptyLists(schema: z.ZodType, body: unknown): unknown {
  if (!(schema instanceof z.ZodObject) || !isFields(body)) return body;
  const lists = Object.entries(schema.shape).filter(([, field]) => isList(field));
  return { ...Object.fromEntries(lists.map(([name]) => [name, []])), ...body };
}

function isList(field: unknown): boolean {
  return field instanceof z.ZodReadonly && field.unwrap() instanceof z.ZodArray;
}
