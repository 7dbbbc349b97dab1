import { z } from 'zod';
import { connectionStatuses } from '../repository/words.ts';

/**
 * A list in a reply or a request. Typed as read-only, so that what is shown of a row needs no copy: whoever reads a
 * reply has no reason to change it.
 */
export function list<Item extends z.ZodType>(item: Item) {
  return z.array(item).readonly();
}

/** Texts in a reply or a request. */
export const texts = list(z.string());

/** Texts by name, such as labels. */
export const textsByName = z.record(z.string(), z.string());

/** A list that nothing is in yet: clients of this API family look for the field. */
export const none = list(z.never());

/** What lists say of themselves; newer ones than a resource version are asked for by that. */
export const ListMetadata = z.object({ resourceVersion: z.string().exactOptional() });

/** The reply of a list. */
export function listReply<Item extends z.ZodType>(item: Item) {
  return z.object({ metadata: ListMetadata, items: list(item) });
}

/** The reply of a list that says nothing of itself. */
export function plainList<Item extends z.ZodType>(item: Item) {
  return z.object({ items: list(item) });
}

/** The reply of a request that something be done: a status says that it is. */
export const Empty = z.object({});
export type Empty = z.infer<typeof Empty>;

/** The reply of a request that was refused or failed; `code` is a status code of gRPC. */
export const Problem = z.object({ error: z.string(), code: z.number().int(), message: z.string() });
export type Problem = z.infer<typeof Problem>;

/** A message of a stream: what it is about, or why it ends. */
export function frame<Result extends z.ZodType>(result: Result) {
  return z.union([z.object({ result }), StreamFault]);
}

/** The last message of a stream that something has ended. */
const StreamFault = z.strictObject({
  error: z.object({ grpc_code: z.number().int(), http_code: z.number().int(), message: z.string() }),
});

/** Whether somebody or something could be reached, and when that was tried. */
export const ConnectionState = z.object({
  status: z.enum(connectionStatuses),
  message: z.string(),
  attemptedAt: z.string().exactOptional(),
});
export type ConnectionState = z.infer<typeof ConnectionState>;
