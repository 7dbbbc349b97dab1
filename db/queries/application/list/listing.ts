import { and, type SQL, sql } from 'drizzle-orm';
import type { ObjectFilter } from '../../../../core/rbac/filter/filter.ts';
import { applications } from '../../../schema/application.ts';
import { type ApplicationChoice, isChosen } from './application-choice.ts';
import { bytewise, isCandidate, isOfFilteredProjects } from './visible.ts';

/** A list of applications: which are asked for, and which of them whoever asks may see. */
export type Listing = {
  readonly choice: ApplicationChoice;
  readonly filter: ObjectFilter;
  /** Keelson's own namespace, which names of objects leave out. */
  readonly home: string;
};

/** The application that a page begins after, in the order of lists. */
export type PageKey = { readonly name: string; readonly namespace: string };

/** The order of lists, which is the one of an index. */
export const inOrder = sql`${bytewise(applications.name)}, ${bytewise(applications.namespace)}`;

/** Which applications a list has after a key, but for those that are to be decided on. */
export function conditionOf({ choice, filter, home }: Listing, after: PageKey | undefined): SQL | undefined {
  return and(isChosen(choice), isCandidate(filter, home), isAfter(after));
}

/** The same without the patterns of names. */
export function conditionWithoutNames(
  { choice, filter }: Listing,
  after: PageKey | undefined,
): SQL | undefined {
  return and(isChosen(choice), isOfFilteredProjects(filter), isAfter(after));
}

function isAfter(key: PageKey | undefined): SQL | undefined {
  return key === undefined ? undefined : sql`(${inOrder}) > (${key.name}::text, ${key.namespace}::text)`;
}
