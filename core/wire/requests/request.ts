import type { z } from 'zod';
import type { contract } from '../contract.ts';

type Contract = typeof contract;

/** The name of a reply in the contract. */
export type ReplyName = keyof Contract;

/** Replies by their names in the contract. */
export type Replies = { readonly [Name in ReplyName]: z.infer<Contract[Name]> };

/** Parameters of a query; those without a value are left out. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One request to the API and the reply that it gets, as the command line and the user interface make it alike. */
export type ApiRequest<Name extends ReplyName = ReplyName> = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the server's address, which may have a path of its own: without a slash in front. */
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  /** A body that is sent as it is. */
  readonly text?: string;
  readonly reply: Name;
};

/** A flag of a query, which is left out where it is off. */
export function flag(on: boolean | undefined): string | undefined {
  return on === true ? 'true' : undefined;
}
