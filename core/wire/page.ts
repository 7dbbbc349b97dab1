import { z } from 'zod';
import { formatJson, parseJson } from '../object/json/json.ts';

const Place = z.tuple([z.literal(1), z.string().max(253), z.string().max(253), z.int().nonnegative()]);

/** Where a page of a list begins, and the resourceVersion of the list's first page, which all of its pages have. */
export type PagePosition = {
  readonly name: string;
  readonly namespace: string;
  readonly resourceVersion: number;
};

/** Longest token: two names and a number. */
const longest = 1024;

/** A place as a text that means nothing to its bearer; rights are asked for with every page, whatever it says. */
export function formatContinue({ name, namespace, resourceVersion }: PagePosition): string {
  return Buffer.from(formatJson([1, name, namespace, resourceVersion]), 'utf8').toString('base64url');
}

/** The place that a text stands for; undefined where it is none that `formatContinue` has made. */
export function parseContinue(text: string): PagePosition | undefined {
  if (text.length > longest) return undefined;
  try {
    const [, name, namespace, resourceVersion] = Place.parse(
      parseJson(Buffer.from(text, 'base64url').toString('utf8')),
    );
    const place = { name, namespace, resourceVersion };
    return formatContinue(place) === text ? place : undefined;
  } catch {
    // Safe: the caller is told that this is no place.
    return undefined;
  }
}
